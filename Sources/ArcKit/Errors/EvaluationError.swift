public import Postgres

/// What went wrong in ArcKit: a code for programs, a sentence for people, and what to do about it.
///
/// `description` is safe to print anywhere: it holds no password and no row data beyond the names and values
/// that the caller gave.
public struct EvaluationError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// Nothing has the name or id that was given.
        case notFound = "not_found"
        /// A name or prefix fits several things.
        case ambiguous
        /// A value is outside its range, of the wrong type or misspelt.
        case invalid
        /// The simulation's state doesn't allow this.
        case state
        /// What was to be created exists already.
        case exists
        /// The database has no schema of arc's, or one this arc doesn't know.
        case schema
        /// A file can't be read or written.
        case file
        /// A program that the user named failed, or printed something else than it should.
        case program
        /// The database failed; `underlying` says how.
        case database
    }

    /// Which kind of failure this is.
    public let code: Code
    /// What happened, in one sentence.
    public let message: String
    /// How to go on, where there is something to say.
    public let advice: String?
    /// The database's own error, where one is behind this.
    public let underlying: DatabaseError?

    /// An error of that code.
    public init(_ code: Code, _ message: String, advice: String? = nil, underlying: DatabaseError? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
        self.underlying = underlying
    }

    /// What happened, and on a line of its own how to go on.
    public var description: String {
        advice.map { "\(message)\n\($0)" } ?? message
    }
}
