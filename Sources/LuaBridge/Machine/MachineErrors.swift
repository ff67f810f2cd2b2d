internal import CLua

extension MachineCore {
    static var outOfMemory: LuaError {
        LuaError(
            .memory, "not enough memory", advice: "raise the machine's memory limit, or keep less in Lua")
    }

    static var cancelled: LuaError { LuaError(.cancelled, "the task was cancelled") }

    /// Throws what the last call left where its status says so.
    func check(_ status: Int32) throws(LuaError) {
        switch arc_status(UInt32(status)) {
        case ARC_OK: return
        case ARC_MEMORY: throw Self.outOfMemory
        case ARC_KILLED:
            var error = killed
            error.traceback = traceback
            throw error
        case ARC_SYNTAX: throw raised(.syntax)
        default: throw raised(.runtime)
        }
    }

    /// The error of a root that was killed, or that raised the error of a task of its own that was: a script may keep that.
    private var killed: LuaError {
        switch lua.map({ arc_kill(UInt32(arc_machine_kill_reason($0))) }) {
        case ARC_KILL_TIME:
            LuaError(
                .timeLimit, "ended, since it took longer than \((timeLimit ?? .zero).formattedSeconds) s")
        case ARC_KILL_DEADLOCK:
            LuaError(
                .deadlock, "every task waits for another one, and none can go on",
                advice: "see that each receive of a channel has a send, and that channels are closed")
        case ARC_KILL_CANCELLED, ARC_KILL_EXIT: Self.cancelled
        default: LuaError(.runtime, Self.cancelled.message)
        }
    }

    private var traceback: String? {
        guard let lua = try? state(), let text = arc_machine_traceback(lua) else { return nil }
        return String(cString: text)
    }

    private func raised(_ code: LuaError.Code) -> LuaError {
        guard let lua = try? state() else { return LuaError(.closed, "the Lua machine is closed") }
        let parts = values(lua)
        let value = parts.first ?? .nil
        let shown = Self.text(of: value) ?? (parts.count > 1 ? parts[1].stringValue : nil)
        var error = LuaError(code, shown ?? "an error that is a \(value.typeName)")
        if let table = value.table, table.kind == .error {
            error = hostError(table)
        } else if value.stringValue != nil {
            error.splitPlace()
        }
        error.value = value
        error.traceback = traceback
        if parts.count > 2, case .other(let original) = parts[2] { error.original = original }
        return error
    }

    /// What is told of an error that is neither text nor of the host's: a table's message, or its fields.
    private static func text(of value: LuaValue) -> String? {
        if value == .nil { return "an error that is nil" }
        guard let table = value.table, table.kind != .error else { return nil }
        if let message = table["message"].stringValue { return message }
        return (try? JSON.write(value)).map { "an error that is a table: \($0)" }
    }

    private func hostError(_ table: LuaTable) -> LuaError {
        let message = table["message"].stringValue ?? "error"
        let cause = table["cause"].object(as: ErrorBox.self)?.error
        let named = table["code"].stringValue.flatMap(LuaError.Code.init(rawValue:))
        let code = cause == nil ? named : (cause as? LuaError)?.code
        var error = LuaError(code ?? .host, (table["where"].stringValue ?? "") + message)
        error.splitPlace()
        error.advice = table["advice"].stringValue
        error.underlying = (cause as? LuaError).map(\.underlying) ?? cause
        return error
    }
}

extension LuaError {
    /// Takes `chunk:line: ` off the front of the message.
    mutating func splitPlace() {
        let text = message
        var search = text.startIndex
        while let colon = text[search...].firstIndex(of: ":") {
            let rest = text[text.index(after: colon)...]
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            if let number = Int(digits), rest[digits.endIndex...].hasPrefix(": ") {
                chunk = String(text[..<colon])
                line = number
                message = String(rest[digits.endIndex...].dropFirst(2))
                return
            }
            if colon > text.startIndex, text[..<colon].contains("\n") { return }
            search = text.index(after: colon)
        }
    }
}
