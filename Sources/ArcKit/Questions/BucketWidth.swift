import Postgres

/// The width of buckets of time, as a text that PostgreSQL reads as an interval: "1 hour", "1 day", "2 weeks".
enum BucketWidth {
    /// Refuses what is no width, before the question runs into it.
    ///
    /// - Throws: `EvaluationError` with code `invalid`, with examples.
    static func check(_ text: String, on session: Session) async throws {
        try EvaluationError.refuseNUL(in: text, "bucket", of: "a question")
        // What is plainly a width costs no round trip.
        if text.wholeMatch(of: /[1-9][0-9]{0,3} (minute|hour|day|week|month)s?/) != nil { return }
        do {
            try await session.connection.query("select time_bucket($1::interval, now())", [.text(text)])
        } catch {
            guard error.server != nil else { throw error }
            throw EvaluationError(
                .invalid,
                "bucket must be a width of time above 0, of months or of what is shorter, got \"\(text)\"",
                advice: "Such as \"30 minutes\", \"1 hour\", \"1 day\", \"1 week\" or \"1 month\".",
                underlying: error)
        }
    }
}
