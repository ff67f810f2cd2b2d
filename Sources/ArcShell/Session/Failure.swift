import ArcHost
import ArcKit
import ArgumentParser
import Glibc
import LuaBridge
import Postgres

/// arc's exit codes.
enum ExitStatus: Int32 {
    /// An error in the script, SQL or report.
    case error = 1
    /// The database can't be reached.
    case unreachable = 2
    /// A gate failed.
    case gateFailed = 3
    /// A gate had too little evidence.
    case tooLittleEvidence = 4
    /// Ctrl-C.
    case interrupted = 130
}

/// How an error ends a command: what standard error says, and the exit code.
struct Failure {
    let text: String
    let code: Int32

    init(_ error: any Error) {
        if let status = error as? ExitStatusError {
            (text, code) = ("", status.status.rawValue)
        } else if let exit = error as? ScriptExit {
            (text, code) = ("", exit.code)
        } else if Arc.isParsing(error) {
            (text, code) = (Arc.fullMessage(for: error), Arc.exitCode(for: error).rawValue)
        } else {
            let status = Failure.status(of: error)
            text = status == .interrupted ? "interrupted" : "arc: \(Failure.describe(error))"
            code = status.rawValue
        }
    }

    /// Prints and ends the process.
    func exit() -> Never {
        if !text.isEmpty {
            // Help and version were asked for: they are data.
            if code == 0 { Output.write(text + "\n") } else { Output.note(text) }
        }
        Output.flush()
        Glibc.exit(code)
    }

    /// The error for people: what happened, where, and how to go on.
    static func describe(_ error: any Error) -> String {
        switch error {
        case let error as LuaError: describe(error)
        case let error as DatabaseError: error.rendered()
        default: "\(error)"
        }
    }

    /// A script's error: its place first, then what a database said about the SQL, then where it came through.
    private static func describe(_ error: LuaError) -> String {
        var lines: [String] = []
        if let database = error.underlying as? DatabaseError {
            let place = error.chunk.map { "\($0):\(error.line.map { "\($0):" } ?? "") " } ?? ""
            lines.append(place + database.rendered())
        } else {
            lines.append(
                error.chunk == nil
                    ? error.message : "\(error.chunk ?? ""):\(error.line ?? 0): \(error.message)")
            if let advice = advice(for: error) { lines.append(advice) }
        }
        // Where it came through is worth a word only where there is more than one place in Lua.
        var stacks = (error.traceback ?? "\n").split(separator: LuaError.withinTask).map { stack in
            stack.split(separator: "\n").dropFirst().filter { !Self.isOurs($0) }.map(String.init)
        }
        if error.chunk != nil { stacks[0] = Array(stacks[0].dropFirst()) }
        let callers = Array(stacks.filter { !$0.isEmpty }.joined(separator: [LuaError.withinTask]))
        if !callers.isEmpty { lines += ["called from:"] + callers }
        return lines.joined(separator: "\n")
    }

    private static func advice(for error: LuaError) -> String? {
        guard error.code == .memory, error.underlying == nil else { return error.advice }
        return
            "Keep less in Lua, or let scripts have more than a half of the machine's: \(ScriptMemory.variable)=MEBIBYTES."
    }

    /// Frames of C, of arc's own Lua, and those that aren't kept, which tell a script's author nothing.
    private static func isOurs(_ frame: Substring) -> Bool {
        let place = frame.drop(while: \.isWhitespace)
        return place.hasPrefix("[") || place == "(...tail calls...)"
    }

    /// The exit code that an error ends a command with.
    static func status(of error: any Error) -> ExitStatus {
        switch error {
        case let error as LuaError:
            if error.code == .cancelled { return .interrupted }
            return error.underlying.map(status) ?? .error
        case let error as DatabaseError:
            switch error.code {
            case .connectionFailed, .connectionLost, .localServer, .serverNotInstalled, .poolTimeout:
                return .unreachable
            case .cancelled: return .interrupted
            // Without a command it was the connecting that took too long.
            case .timedOut where error.sql == nil: return .unreachable
            default: return .error
            }
        case is CancellationError: return .interrupted
        default: return .error
        }
    }
}

/// Ends a command with a status that needs no words of its own.
struct ExitStatusError: Error {
    let status: ExitStatus
}

/// Ends a command with the code that a script gave to `os.exit`.
struct ScriptExit: Error {
    let code: Int32
}

extension ParsableCommand {
    /// Whether the error is the argument parser's: wrong usage, or a wish for help.
    static func isParsing(_ error: any Error) -> Bool {
        error is ValidationError || error is CleanExit || error is ExitCode
            || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}
