/// PostgreSQL's texts and JSON can't hold the character U+0000. It is looked for before anything is written, so that
/// the error can say where it is.
extension EvaluationError {
    /// Refuses a text that holds a NUL character.
    ///
    /// - Parameters:
    ///   - field: what to call the text in the message.
    ///   - place: what the text is part of, such as "record 3".
    static func refuseNUL(in text: String?, _ field: String, of place: String) throws(EvaluationError) {
        if let text, text.utf8.contains(0) { throw nul(field, of: place) }
    }

    /// The error for a NUL character that was found.
    static func nul(_ field: String, of place: String) -> EvaluationError {
        EvaluationError(
            .invalid, "\(place): \(field) holds a NUL character (U+0000), which PostgreSQL can't store",
            advice: "Remove it, or put another text in its place.")
    }
}

extension Scenario {
    func refuseNUL(in place: String) throws(EvaluationError) {
        try EvaluationError.refuseNUL(in: id, "scenario_id", of: place)
        try EvaluationError.refuseNUL(in: name, "name", of: place)
        try EvaluationError.refuseNUL(in: taskPrompt, "task_prompt", of: place)
        try EvaluationError.refuseNUL(in: difficulty, "difficulty_level", of: place)
        for tag in tags { try EvaluationError.refuseNUL(in: tag, "tags", of: place) }
        if expectedTools?.holdsNUL == true { throw EvaluationError.nul("expected_tools", of: place) }
    }
}

extension Outcome {
    func refuseNUL(in place: String) throws(EvaluationError) {
        try scenario.refuseNUL(in: "\(place): scenario \"\(scenario.id)\"")
        try EvaluationError.refuseNUL(in: modalCallID, "modal_call_id", of: place)
        try EvaluationError.refuseNUL(in: sandboxID, "sandbox_id", of: place)
        try EvaluationError.refuseNUL(in: errorCode, "error_code", of: place)
        try EvaluationError.refuseNUL(in: errorMessage, "error_message", of: place)
        if metrics?.holdsNUL == true { throw EvaluationError.nul("metrics", of: place) }
        if let trajectory, JSONValue.holdsNUL(trajectory) {
            throw EvaluationError.nul("trajectory", of: place)
        }
    }
}

extension JSONValue {
    /// Whether a text in this document, or a member's name, holds U+0000.
    var holdsNUL: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.holdsNUL)
        case .object(let members): members.contains { $0.name.utf8.contains(0) || $0.value.holdsNUL }
        default: false
        }
    }

    /// Whether a string in this JSON text holds U+0000, which it can do as the escape `\u0000` alone.
    static func holdsNUL(_ json: String) -> Bool {
        var rest = json.utf8[...]
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[backslash...].dropFirst()
            if rest.starts(with: "u0000".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
