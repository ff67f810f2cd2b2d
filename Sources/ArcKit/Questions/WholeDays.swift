import Postgres

/// The whole days (UTC) within a span of time: what roll-ups by the day can answer of it.
struct WholeDays: Sendable, Hashable {
    /// When the first of them begins; nil where the span has no beginning.
    let first: Timestamp?
    /// When the last of them ends; nil where the span has no end.
    let end: Timestamp?

    static let microseconds: Int64 = 86_400_000_000

    /// Nil where there is no whole day.
    ///
    /// - Parameters:
    ///   - since: the first moment of the span; nil where it has none.
    ///   - before: the first moment after it; nil where there is none.
    init?(since: Timestamp?, before: Timestamp?) {
        guard since?.microseconds != .max, before?.microseconds != .min else { return nil }
        first = since.flatMap { $0.isFinite ? Self.beginning(of: $0, next: true) : nil }
        end = before.flatMap { $0.isFinite ? Self.beginning(of: $0, next: false) : nil }
        if let first, let end, first >= end { return nil }
    }

    /// When the day begins in which a moment lies, or else the next one if the moment lies within the day.
    private static func beginning(of moment: Timestamp, next: Bool) -> Timestamp {
        let time = moment.microseconds % microseconds
        let within = time < 0 ? time + microseconds : time
        guard within != 0 else { return moment }
        return Timestamp(microseconds: moment.microseconds - within + (next ? microseconds : 0))
    }
}
