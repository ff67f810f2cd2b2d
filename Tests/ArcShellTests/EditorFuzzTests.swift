import ArcHost
import Glibc
import SeededRandom
import Testing

@testable import ArcShell

/// What an editor holds, in its simplest form: the text as characters, and the cursor among them.
private struct ModelEditor {
    var text: [Character] = []
    var cursor = 0

    private var rowStart: Int { (text[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
    private var rowEnd: Int { text[cursor...].firstIndex(of: "\n") ?? text.count }

    mutating func insert(_ characters: some Collection<Character>) {
        text.insert(contentsOf: characters, at: cursor)
        cursor += characters.count
    }

    mutating func left() { cursor = max(0, cursor - 1) }
    mutating func right() { cursor = min(text.count, cursor + 1) }
    mutating func home() { cursor = rowStart }
    mutating func end() { cursor = rowEnd }

    mutating func backspace() {
        guard cursor > 0 else { return }
        cursor -= 1
        text.remove(at: cursor)
    }

    mutating func delete() {
        if cursor < text.count { text.remove(at: cursor) }
    }

    mutating func up() {
        guard rowStart > 0 else { return }
        let column = cursor - rowStart
        cursor = rowStart - 1
        cursor = min(rowStart + column, rowEnd)
    }

    mutating func down() {
        guard rowEnd < text.count else { return }
        let column = cursor - rowStart
        cursor = rowEnd + 1
        cursor = min(cursor + column, rowEnd)
    }
}

extension EditorTests {
    /// The rows of a text in a window, where a full row is followed by another one at once.
    private func rows(of text: String, columns: Int) -> [String] {
        var rows = [""]
        var column = 0
        for character in text {
            let width = DisplayWidth.of(character)
            if character == "\n" || column + width > columns { (column, _) = (0, rows.append("")) }
            if character == "\n" { continue }
            rows[rows.count - 1].append(character)
            column += width
            if column == columns { (column, _) = (0, rows.append("")) }
        }
        rows = rows.map { String($0.reversed().drop { $0 == " " }.reversed()) }
        while rows.last == "" { rows.removeLast() }
        return rows
    }

    @Test("whatever keys are pressed, the input and the screen are what they made", arguments: 1...100)
    func anyKeys(seed: Int) throws {
        let terminal = try Terminal(columns: seed.isMultiple(of: 2) ? 100 : 17, rows: 100)
        let editor = try TerminalEditor(on: terminal, prompt: "arc> ", isComplete: { _ in true })
        try terminal.wait(forEnd: "arc>")
        var random = SeededGenerator(seed: UInt64(seed))
        var model = ModelEditor()
        for _ in 0..<120 {
            let keys: String
            switch Int.random(in: 0..<14, using: &random) {
            case 0: (keys, _) = ("\u{1B}[D", model.left())
            case 1: (keys, _) = ("\u{1B}[C", model.right())
            case 2: (keys, _) = ("\u{1B}[A", model.up())
            case 3: (keys, _) = ("\u{1B}[B", model.down())
            case 4: (keys, _) = ("\u{1B}[H", model.home())
            case 5: (keys, _) = ("\u{1B}[F", model.end())
            case 6: (keys, _) = ("\u{7F}", model.backspace())
            case 7: (keys, _) = ("\u{1B}[3~", model.delete())
            case 8: (keys, _) = ("\u{1B}\r", model.insert("\n"))
            case 9: (keys, _) = ("\u{1B}[200~é\r語x\u{1B}[201~", model.insert("é\n語x"))
            default:
                let character = "abc xyz日本äñ(".randomElement(using: &random) ?? "a"
                (keys, _) = (String(character), model.insert([character]))
            }
            terminal.send(keys)
        }
        // A mark that is drawn only after all keys were obeyed.
        model.insert("§")
        terminal.send("§")
        let shown = rows(of: "arc> " + String(model.text), columns: terminal.screen.columns)
        try terminal.wait(for: "the rows \(shown)") { $0.lines == shown }
        terminal.send("\r")
        try terminal.wait(for: "=> 1")
        #expect(editor.last == .input(String(model.text)))
    }
}
