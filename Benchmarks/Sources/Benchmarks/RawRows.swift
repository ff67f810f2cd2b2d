import Foundation

/// Rows of `outcomes` as bytes of a binary COPY, made before the clock runs: what a C program at its best would send.
struct RawRows {
    static let columns = """
        outcome_id, simulation_id, scenario_id, trial, execution_time, status, reliability_score, execution_time_ms, \
        tokens_used, cost_usd, trajectory, modal_call_id, sandbox_id, error_code, error_category, error_message, \
        retry_count, metrics
        """

    private var bytes: [UInt8]
    /// Where each row's id begins.
    private var ids: [Int] = []

    /// - Parameters:
    ///   - count: how many rows, each of another scenario, all of one new simulation.
    ///   - trajectory: JSON.
    init(_ count: Int, trajectory: String) {
        bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
        let simulation = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let now = Int64(Date().timeIntervalSince1970 * 1e6) - 946_684_800_000_000
        for number in 0..<count {
            bytes += [0, 18, 0, 0, 0, 16]
            ids.append(bytes.count)
            bytes += [UInt8](repeating: 0, count: 16)
            field(simulation)
            field(Array("scenario-\(number)".utf8))
            field(big(Int32(1)))
            field(big(now))
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

    /// The rows with new ids, which sort by time.
    mutating func renewed() -> [UInt8] {
        let milliseconds = UInt64(Date().timeIntervalSince1970 * 1000)
        for (number, place) in ids.enumerated() {
            let high = milliseconds << 16 | 0x7000 | UInt64(number % 4096)
            let low = UInt64.random(in: 0 ... .max) >> 2 | 1 << 63
            for index in 0..<8 {
                bytes[place + index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(index)))
                bytes[place + 8 + index] = UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64(index)))
            }
        }
        return bytes
    }

    private mutating func field(_ value: [UInt8]) {
        bytes += big(Int32(value.count)) + value
    }

    private func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
