import Foundation

/// Rows of `outcomes` as bytes of a binary COPY, made before the clock runs: what a C program at its best would send.
///
/// Each round has the rows that arc writes in it: the scenarios of one simulation, run once more. Rows of the same run,
/// or of the same microsecond, round after round would be less work for the indexes.
struct RawRows {
    static let columns = """
        outcome_id, simulation_id, scenario_id, trial, execution_time, status, reliability_score, execution_time_ms, \
        tokens_used, cost_usd, trajectory, modal_call_id, sandbox_id, error_code, error_category, error_message, \
        retry_count, metrics
        """

    private var bytes: [UInt8]
    /// Where each row's id, trial and time begin.
    private var places: [(id: Int, trial: Int, time: Int)] = []
    private var trial: Int32 = 0

    /// - Parameters:
    ///   - count: how many rows, each of another scenario, all of one new simulation.
    ///   - trajectory: JSON.
    init(_ count: Int, trajectory: String) {
        bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
        let simulation = (0..<16).map { _ in UInt8.random(in: 0...255) }
        for number in 0..<count {
            bytes += [0, 18, 0, 0, 0, 16]
            let id = bytes.count
            bytes += [UInt8](repeating: 0, count: 16)
            field(simulation)
            field(Array("scenario-\(number)".utf8))
            field(big(Int32(0)))
            field(big(Int64(0)))
            places.append((id: id, trial: bytes.count - 16, time: bytes.count - 8))
            field(Array("success".utf8))
            field(big((Double(number % 100) / 100).bitPattern))
            field(big(Int64(3200)))
            field(big(Int64(245)))
            field(big(0.0087.bitPattern))
            field([1] + Array(trajectory.utf8))
            for _ in 0..<5 { bytes += [0xFF, 0xFF, 0xFF, 0xFF] }
            field(big(Int32(0)))
            field([1] + Array("{}".utf8))
        }
        bytes += [0xFF, 0xFF]
    }

    /// The rows of the next round, with new ids, which sort by time.
    mutating func renewed() -> [UInt8] {
        trial += 1
        let seconds = Date().timeIntervalSince1970
        let now = Int64(seconds * 1e6) - 946_684_800_000_000
        for (number, place) in places.enumerated() {
            let high = UInt64(seconds * 1000) << 16 | 0x7000 | UInt64(number % 4096)
            put(high, at: place.id)
            put(UInt64.random(in: 0 ... .max) >> 2 | 1 << 63, at: place.id + 8)
            put(trial, at: place.trial)
            put(now, at: place.time)
        }
        return bytes
    }

    private mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number, at place: Int) {
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: value.bigEndian, toByteOffset: place, as: Number.self)
        }
    }

    private mutating func field(_ value: [UInt8]) {
        bytes += big(Int32(value.count)) + value
    }

    private func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
