/// What went wrong in Lua or on the way there.
public struct LuaError: Error, Sendable {
    /// The kinds of error, for those who handle them.
    public enum Code: String, Sendable, Hashable {
        /// The text isn't Lua.
        case syntax
        /// The script raised an error.
        case runtime
        /// A host function raised an error; it is in ``LuaError/underlying``.
        case host
        /// An argument isn't what the function takes.
        case argument
        /// A value can't be passed in or out.
        case value
        /// The memory limit was reached.
        case memory
        /// The task was cancelled or interrupted.
        case cancelled
        /// The time given to `timeout` was over.
        case timeout
        /// The time that the machine gives to a call was over.
        case timeLimit = "time_limit"
        /// The output limit was reached.
        case output
        /// All tasks waited for each other.
        case deadlock
        /// The machine, or the object behind a handle, was closed.
        case closed
    }

    /// The kind.
    public var code: Code
    /// What happened, without its place.
    public var message: String
    /// What to do about it, where that is known.
    public var advice: String?
    /// The chunk's name as Lua shows it.
    public var chunk: String?
    /// The line in the chunk, from 1.
    public var line: Int?
    /// Lua's calls at the place of the error, innermost first.
    public var traceback: String?
    /// What stands, in a traceback, between the stack of a task and the stack of the one within which it ran.
    public static let withinTask = "of a task within:"
    /// What was raised: a string, or the script's own table.
    public var value: LuaValue
    /// The error that a host function threw.
    public var underlying: (any Error)?

    /// The raised value itself, for raising it again.
    var original: LuaReference?

    /// An error made by the host.
    public init(_ code: Code, _ message: String, advice: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
        self.underlying = underlying
        value = .nil
    }
}

extension LuaError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Place and message, then the advice.
    public var description: String {
        var text = message
        if let chunk { text = "\(chunk):\(line.map { "\($0):" } ?? "") \(text)" }
        if let advice { text += " (\(advice))" }
        return text
    }

    /// The same with the traceback.
    public var debugDescription: String {
        guard let traceback else { return description }
        return "\(description)\n\(traceback)"
    }
}

/// An error that shows itself to scripts with a code and advice of its own. Other errors are shown by their
/// description.
public protocol ScriptError: Error {
    /// What happened; safe to print anywhere.
    var scriptMessage: String { get }
    /// A short name that scripts can compare.
    var scriptCode: String { get }
    /// What to do about it.
    var scriptAdvice: String? { get }
}

extension LuaError: ScriptError {
    /// The message without its place.
    public var scriptMessage: String { message }
    /// The code's name.
    public var scriptCode: String { code.rawValue }
    /// The advice.
    public var scriptAdvice: String? { advice }
}

/// The Swift error behind an error value in Lua, so that it comes back as what it was.
final class ErrorBox: HostObject {
    static let typeName = "host error"
    let error: any Error

    init(_ error: any Error) { self.error = error }
}
