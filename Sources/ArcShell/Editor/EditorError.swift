import Glibc

/// What can go wrong at the prompt's line editor and its history.
struct EditorError: Error, CustomStringConvertible {
    enum Code: Sendable {
        /// Standard input or output isn't a terminal.
        case notATerminal
        /// The terminal refused to be set up.
        case terminal
        /// The history file can't be read or written.
        case history
    }

    let code: Code
    /// What happened, where, and how to go on. It never holds an input.
    let description: String

    static func opening(errno number: Int32) -> EditorError {
        number == ENOTTY
            ? EditorError(
                code: .notATerminal,
                description:
                    "The prompt needs a terminal on standard input and output. Without one, give arc a "
                    + "script: arc run FILE.lua, or arc -e LUA, or arc -c SQL.")
            : EditorError(
                code: .terminal,
                description: "The terminal can't be used for editing: \(reason(number)). Is TERM set to what "
                    + "the terminal is?")
    }

    static func history(_ path: String, _ doing: String, errno number: Int32) -> EditorError {
        EditorError(
            code: .history,
            description:
                "The history \(path) can't be \(doing): \(reason(number)). Inputs are remembered until "
                + "arc ends, and not longer.")
    }

    private static func reason(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
