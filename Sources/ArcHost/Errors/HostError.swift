import Glibc

/// What went wrong in a script's library, a plugin or a report: a code for programs, a sentence for people, and what
/// to do about it. `description` is safe to print anywhere.
public struct HostError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// A function was called with an argument of the wrong type, out of range or misspelt.
        case argument
        /// A frame has no such column or row.
        case column
        /// A plugin's manifest or code is wrong.
        case plugin
        /// A plugin asked for what it wasn't granted.
        case capability
        /// A file that was to be imported isn't what its format says.
        case input
        /// A file can't be read or written.
        case file
        /// The time that was given is over.
        case timeout
    }

    /// Which kind of failure this is.
    public let code: Code
    /// What happened, in one sentence that names where.
    public let message: String
    /// How to go on, where there is something to say.
    public let advice: String?

    /// An error of that code.
    public init(_ code: Code, _ message: String, advice: String? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// What happened, and on a line of its own how to go on.
    public var description: String {
        advice.map { "\(message)\n\($0)" } ?? message
    }
}

extension HostError {
    /// A file that isn't there, or can't be read.
    public static func unreadable(_ path: String) -> HostError {
        access(path, F_OK) != 0
            ? HostError(.file, "\(path) doesn't exist", advice: "Check the path.")
            : HostError(
                .file, "\(path) cannot be read", advice: "Check that it is a file, and its permissions.")
    }
}
