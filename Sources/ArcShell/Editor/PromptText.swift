/// A prompt in the form that libedit draws rightly.
///
/// libedit needs escape sequences between marks, draws at most one between two visible characters, loses one that
/// ends the prompt, and swallows newlines.
struct PromptText: Equatable {
    /// The lines above the last, each with its newline: to be printed as they are.
    let above: String
    /// The last line, with its escape sequences between marks.
    let line: String

    /// Surrounds the escape sequences of a line. U+0001 occurs in no text that could be a prompt.
    private static let mark: Character = "\u{1}"

    init(_ prompt: String) {
        let lastNewline = prompt.lastIndex { $0.isNewline }
        above = lastNewline.map { String(prompt[...$0]) } ?? ""
        let last = lastNewline.map { prompt[prompt.index(after: $0)...] } ?? prompt[...]
        line = PromptText.marked(last)
    }

    private static func marked(_ text: Substring) -> String {
        var pieces: [(escape: String, visible: Character)] = []
        var escape = ""
        var rest = text
        while let first = rest.first {
            let sequence = escapeSequence(rest)
            if sequence.isEmpty {
                pieces.append((escape, first))
                escape = ""
                rest.removeFirst()
            } else {
                escape += sequence
                rest.removeFirst(sequence.count)
            }
        }
        // What is left at the end goes before the last visible character, which is a space in a usual prompt.
        if !pieces.isEmpty { pieces[pieces.count - 1].escape += escape }
        return pieces.reduce(into: "") { line, piece in
            if !piece.escape.isEmpty { line += "\(mark)\(piece.escape)\(mark)" }
            line.append(piece.visible)
        }
    }

    /// The control sequence (ECMA-48: `ESC [`, parameters, one final character) that a text begins with.
    private static func escapeSequence(_ text: Substring) -> Substring {
        guard text.hasPrefix("\u{1B}[") else { return "" }
        guard let end = text.dropFirst(2).firstIndex(where: { "@"..."~" ~= $0 }) else { return text }
        return text[...end]
    }
}
