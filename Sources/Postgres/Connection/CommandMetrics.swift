internal import Synchronization

/// Counts commands and their times, for all connections of a pool together.
final class CommandMetrics: Sendable {
    struct Counts: Sendable {
        var commands = 0
        var failures = 0
        var times = Histogram()
    }

    private let counts = Mutex(Counts())

    func record(_ time: Duration, succeeded: Bool) {
        counts.withLock { counts in
            counts.commands += 1
            if !succeeded { counts.failures += 1 }
            counts.times.add(time)
        }
    }

    var current: Counts { counts.withLock { $0 } }
}

/// How often which duration occurred, in microseconds: exact up to 15, then in eight steps per power of two,
/// so that a percentile is right to within 7 %.
struct Histogram: Sendable {
    private static let steps = 8
    private var buckets = [Int](repeating: 0, count: 60 * steps)
    private var sum = Duration.zero
    private(set) var count = 0

    mutating func add(_ time: Duration) {
        count += 1
        sum += time
        buckets[Self.bucket(of: max(Self.microseconds(time), 0))] += 1
    }

    /// The mean; nil where nothing has been counted.
    var average: Duration? { count == 0 ? nil : sum / count }

    /// The time that the share `rank` (0…1) of all stays within; nil where nothing has been counted.
    func percentile(_ rank: Double) -> Duration? {
        guard count > 0 else { return nil }
        let wanted = max(1, Int((Double(count) * rank).rounded(.up)))
        var seen = 0
        for (index, number) in buckets.enumerated() {
            seen += number
            if seen >= wanted { return .microseconds(Self.middle(of: index)) }
        }
        return nil
    }

    private static func microseconds(_ time: Duration) -> Int64 {
        let (seconds, attoseconds) = time.components
        return seconds.multipliedReportingOverflow(by: 1_000_000).partialValue
            &+ attoseconds / 1_000_000_000_000
    }

    private static func bucket(of value: Int64) -> Int {
        guard value >= steps else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let step = Int(value >> (exponent - 3)) & (steps - 1)
        return min((exponent - 2) * steps + step, 60 * steps - 1)
    }

    private static func middle(of bucket: Int) -> Int64 {
        guard bucket >= steps else { return Int64(bucket) }
        let exponent = bucket / steps + 2
        let width = Int64(1) << (exponent - 3)
        return Int64(steps + bucket % steps) * width + width / 2
    }
}
