import Postgres

/// The width of buckets of time, as a text that PostgreSQL reads as an interval: "1 hour", "1 day", "2 weeks".
enum BucketWidth {
    /// Refuses what is no width, before the question runs into it.
    ///
    /// - Throws: `EvaluationError` with code `invalid`, with examples.
    static func check(_ text: String, on session: Session) async throws {
        try EvaluationError.refuseNUL(in: text, "bucket", of: "a question")
        // What is plainly a width costs no round trip.
        if isPlain(text) { return }
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

    /// "1 day", "12 hours"; without a regular expression, which takes as long as the question itself.
    private static func isPlain(_ text: String) -> Bool {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let count = Int(words[0]), (1...9999).contains(count),
            words[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return false }
        let unit = words[1].hasSuffix("s") ? words[1].dropLast() : words[1]
        return ["minute", "hour", "day", "week", "month"].contains(unit)
    }
}
