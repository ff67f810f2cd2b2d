import Postgres

/// What maintenance did to the days whose outcomes are older than the database keeps them.
public struct MaintenanceReport: Sendable, Hashable {
    /// The days (UTC, ISO format) whose outcomes were dropped.
    public var dropped: [String] = []
    /// The days that are left because somebody was reading the first of them: they are tried again later.
    public var inUse: [String] = []
}

/// How long outcomes may be kept, in days.
public enum Retention {
    /// The days that can be set.
    public static let days = 1...365_000

    /// The days that a text such as "365d" or "52w" stands for.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for anything else, and for a number out of range.
    public static func days(_ text: String) throws(EvaluationError) -> Int {
        guard let match = text.wholeMatch(of: /([0-9]{1,9})(d|w)/), let number = Int(match.1),
            case let total = match.2 == "w" ? number * 7 : number, days.contains(total)
        else {
            throw EvaluationError(
                .invalid, "a retention is a number of days or weeks such as 365d or 52w, got \"\(text)\"",
                advice: "Between 1 and \(days.upperBound) days.")
        }
        return total
    }
}

extension Session {
    /// How many days outcomes are kept; nil for ever.
    public func retentionDays() async throws -> Int? {
        try await connection.query("select retention_days from arc_schema").single()
            .get("retention_days", as: Int?.self)
    }

    /// Sets how many days outcomes are kept, for everybody who uses this database; nil for ever. Maintenance, which is
    /// due from now on, drops what is older. Simulations stay, with their scores and totals.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for days out of range.
    public func setRetention(days: Int?) async throws {
        if let days, !Retention.days.contains(days) {
            throw EvaluationError(
                .invalid, "a retention must be between 1 and \(Retention.days.upperBound) days, got \(days)")
        }
        try await connection.query(
            "update arc_schema set retention_days = $1, maintained_at = '-infinity'", [.optional(days)])
    }

    /// The days (UTC, ISO format) whose every outcome is older than this database keeps them; none where it keeps all.
    public func expiredDays() async throws -> [String] {
        try await connection.query(
            """
            select day::text as day from arc_schema, arc_expired_partitions(make_interval(days => retention_days)) day
            where retention_days is not null order by day
            """
        ).map { try $0.get("day", as: String.self) }
    }

    /// Drops the days whose every outcome is older than this database keeps them, each in a transaction of its own.
    /// Nobody who reads or writes waits for longer than the moment that dropping a day takes; a day that somebody reads
    /// is tried again for some seconds and then left for later.
    ///
    /// - Throws: `EvaluationError` with code `state` inside a transaction, which would keep its locks to its end.
    public func maintain() async throws -> MaintenanceReport {
        guard !isInTransaction else {
            throw EvaluationError(
                .state, "maintenance can't run inside a transaction", advice: "Run it on its own.")
        }
        let report = try await dropExpired(.asked)
        try await settleMaintenance(report)
        await refreshRollupsInPassing()
        return report
    }

    /// Does the maintenance that is due: at most once a day over all who use this database. What it can't do now stays
    /// for later, and an error of it must not spoil the work that it follows: `arc db status` shows what is overdue.
    func maintainIfDue() async {
        guard !isInTransaction else { return }
        do {
            // Of several at once the first takes it: the others find it taken.
            let due = try await connection.query(
                """
                update arc_schema set maintained_at = now()
                where retention_days is not null and maintained_at < now() - interval '1 day'
                """)
            guard due.affectedRows == 1 else { return }
            try await settleMaintenance(try await dropExpired(.once, atMost: 31))
        } catch {
            return
        }
    }

    func dropExpired(_ patience: LockPatience, atMost limit: Int = .max) async throws -> MaintenanceReport {
        var report = MaintenanceReport()
        let expired = try await expiredDays().prefix(limit)
        for day in expired {
            guard try await drop(day, patience) else { break }
            report.dropped.append(day)
        }
        // Who reads one day mostly reads them all, so the first that can't be dropped ends it.
        report.inUse = Array(expired.dropFirst(report.dropped.count))
        known.days.forget()
        return report
    }

    private func drop(_ day: String, _ patience: LockPatience) async throws -> Bool {
        for attempt in 1...patience.attempts {
            if attempt > 1 { try await patience.pause() }
            let gone = try await connection.query("select arc_drop_partition($1::date) as gone", [.text(day)])
            if try gone.single().get("gone", as: Bool.self) { return true }
        }
        return false
    }

    /// Notes when maintenance ran; where something is left, it is due again in an hour.
    private func settleMaintenance(_ report: MaintenanceReport) async throws {
        try await connection.query(
            """
            update arc_schema set maintained_at = now() -
              case when $1 then interval '23 hours' else interval '0' end
            """, [.bool(try await !expiredDays().isEmpty)])
    }
}
