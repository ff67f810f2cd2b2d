import Glibc
import Testing

@testable import ArcShell

private let up = "\u{1B}[A"
private let down = "\u{1B}[B"
private let right = "\u{1B}[C"
private let left = "\u{1B}[D"
private let altEnter = "\u{1B}\r"

/// Typing into a real libedit on a real pseudo-terminal. One at a time: a change of the window's size is told to the
/// whole process.
@Suite("The line editor", .blocking, .serialized)
struct EditorTests {
    let terminal: Terminal
    init() throws { terminal = try Terminal() }

    /// Types keys, and waits for the editor to end its `count`-th read.
    private func submit(_ keys: String, _ count: Int) throws {
        terminal.send(keys)
        try terminal.wait(forEnd: "=> \(count)", "arc>")
    }

    private func start(_ prompt: String = "arc> ") throws -> TerminalEditor {
        let editor = try TerminalEditor(on: terminal, prompt: prompt)
        try terminal.wait(forEnd: "arc>")
        return editor
    }

    @Test("what is typed is the input")
    func types() throws {
        let editor = try start()
        try submit("return 1\r", 1)
        #expect(editor.last == .input("return 1"))
        try submit("\r", 2)
        #expect(editor.last == .input(""))
    }

    @Test("Enter begins another row while the input isn't whole, and submits it from any row")
    func rows() throws {
        let editor = try start()
        terminal.send("f(a,\r")
        terminal.send("b")
        try terminal.wait(forEnd: "arc> f(a,", "b")
        try submit(")" + up + "\r", 1)
        #expect(editor.last == .input("f(a,\nb)"))
        #expect(terminal.screen.lines == ["arc> f(a,", "b)", "=> 1", "arc>"])
    }

    @Test("an input of several rows is recalled whole, and edited on each of its rows")
    func recall() throws {
        let editor = try start()
        try submit("f(a,\rb,\rc)\r", 1)
        try submit("g()\r", 2)
        terminal.send(up + up)
        try terminal.wait(forEnd: "arc> f(a,", "b,", "c)")
        // From the end of the last row to the first, whose end gets a word.
        try submit(up + up + "\u{5}long,\r", 3)
        #expect(editor.last == .input("f(a,long,\nb,\nc)"))
    }

    @Test("Down leads back to what was being typed, however long it is")
    func draft() throws {
        let editor = try start()
        try submit("old\r", 1)
        let long = String(repeating: "0123456789", count: 150)
        terminal.send(long + up)
        try terminal.wait(for: "the entry") { $0.lines.contains { $0.hasPrefix("arc> old") } }
        try submit(down + "\r", 2)
        #expect(editor.last == .input(long))
    }

    @Test("a paste is inserted whole, without its keys, and runs at Enter alone")
    func paste() throws {
        let editor = try start()
        terminal.paste("one\ntwo\u{3}\u{1B}[A\tthree\n")
        try terminal.wait(for: "three")
        #expect(editor.all == [])
        try submit("!\r", 1)
        #expect(editor.last == .input("one\ntwo[A\tthree!"))
    }

    @Test("a paste of 100,000 characters arrives as it was")
    func longPaste() throws {
        let editor = try start()
        let rows = (0..<2000).map { "-- row \($0) of a very long paste: äöü 日本語 \($0 * 7919)" }
        terminal.paste(rows.joined(separator: "\n"))
        terminal.send("\r")
        try terminal.wait(for: "=> 1", within: 30)
        #expect(editor.last == .input(rows.joined(separator: "\n")))
    }

    @Test("the terminal is asked for bracketed paste while a read lasts, and no longer")
    func pasteMode() throws {
        let editor = try start()
        #expect(terminal.screen.modes.contains("?2004"))
        terminal.send("\u{4}")
        try terminal.wait(for: "=> 1")
        #expect(!terminal.screen.modes.contains("?2004"))
        #expect(editor.waitForEnd())
    }

    @Test("Ctrl-C drops the input and gives a fresh prompt")
    func interrupt() throws {
        let editor = try start()
        try submit("f(a,\rb" + up + "\u{3}", 1)
        #expect(editor.last == .interrupted)
        #expect(terminal.screen.lines == ["arc> f(a,", "b^C", "=> 1", "arc>"])
        try submit("2\r", 2)
        #expect(editor.last == .input("2"))
        terminal.send(up)
        try terminal.wait(forEnd: "arc> 2")
    }

    @Test("Ctrl-D ends an empty input, and deletes in another")
    func endOfFile() throws {
        let editor = try start()
        try submit("abc\u{1}\u{4}\r", 1)
        #expect(editor.last == .input("bc"))
        terminal.send("\u{4}")
        #expect(editor.waitForEnd())
        #expect(editor.last == .endOfFile)
    }

    @Test("TAB inserts what all candidates share, and lists them when pressed again")
    func completion() throws {
        let editor = try TerminalEditor(
            on: terminal,
            completion: { text, cursor in
                let typed = String(decoding: Array(text.utf8)[..<cursor], as: UTF8.self)
                let word = String(typed.reversed().prefix { $0.isLetter || $0 == "." }.reversed())
                return ["arc.map", "arc.match", "arc.query"].filter { $0.hasPrefix(word) }
                    .map { Completion(word, $0) }
            })
        try terminal.wait(forEnd: "arc>")
        terminal.send("é(arc.m\t")
        try terminal.wait(forEnd: "arc> é(arc.ma")
        terminal.send("\t")
        try terminal.wait(forEnd: "arc> é(arc.ma", "arc.map    arc.match", "arc> é(arc.ma")
        terminal.send("t\t")
        try terminal.wait(forEnd: "arc> é(arc.match")
        try submit(")\r", 1)
        #expect(editor.last == .input("é(arc.match)"))
    }

    @Test("candidates are listed below an input of several rows, with the cursor within it")
    func completionInRows() throws {
        let editor = try TerminalEditor(
            on: terminal, completion: { _, _ in [Completion("", "one"), Completion("", "two")] })
        try terminal.wait(forEnd: "arc>")
        terminal.send("f(\r\rb)" + up + "\t\t")
        try terminal.wait(forEnd: "arc> f(", "", "b)", "one  two", "arc> f(", "", "b)")
        try submit("x\r", 1)
        #expect(editor.last == .input("f(\nx\nb)"))
    }

    @Test("accents and wide characters are typed, passed and deleted as one character each")
    func unicode() throws {
        let editor = try start()
        terminal.send("日本語 é" + left + left + "\u{7F}")
        try terminal.wait(for: "the cursor after two wide characters") {
            $0.lines == ["arc> 日本 é"] && $0.column == 9 && $0.row == 0
        }
        try submit("字\r", 1)
        #expect(editor.last == .input("日本字 é"))
    }

    @Test("bytes that aren't UTF-8 become U+FFFD, and the rest stays")
    func invalid() throws {
        let editor = try start()
        terminal.send([0x61, 0xFF, 0x62])
        try submit("\r", 1)
        #expect(editor.last == .input("a\u{FFFD}b"))
    }

    @Test("a smaller and a larger window show the whole input, once")
    func resize() throws {
        let editor = try start()
        let text = String(repeating: "0123456789", count: 6)
        terminal.send(text)
        try terminal.wait(forEnd: "arc> " + text)
        terminal.resize(columns: 100, rows: 24)
        kill(getpid(), SIGWINCH)
        terminal.send("x")
        try terminal.wait(forEnd: "arc> " + text + "x")
        #expect(terminal.screen.lines.count == 1)
        let more = String(repeating: "y", count: 40)
        terminal.send(more)
        try terminal.wait(forEnd: "arc> " + text + "x" + more.prefix(34), "yyyyyy")
        try submit("\r", 1)
        #expect(editor.last == .input(text + "x" + more))
    }

    @Test("Ctrl-R finds an entry by its middle, and Up goes on from there")
    func search() throws {
        let editor = try start()
        try submit("first\r", 1)
        try submit("needle one\r", 2)
        try submit("last\r", 3)
        terminal.send("\u{12}dle")
        try terminal.wait(for: "arc> needle one")
        try submit("\r", 4)
        #expect(editor.last == .input("needle one"))
        terminal.send("\u{12}irs\u{1B}")
        terminal.send(right + "\r")
        try terminal.wait(forEnd: "=> 5", "arc>")
        #expect(editor.last == .input("first"))
    }

    @Test("Page Up shows the older inputs that begin like this one")
    func prefix() throws {
        let editor = try start()
        try submit("select 1\r", 1)
        try submit("return 2\r", 2)
        try submit("select 3\r", 3)
        terminal.send("sel\u{1B}[5~")
        try terminal.wait(forEnd: "arc> select 3")
        terminal.send("\u{1B}[5~")
        try terminal.wait(forEnd: "arc> select 1")
        terminal.send("\u{1B}[6~")
        try terminal.wait(forEnd: "arc> select 3")
        terminal.send("\u{1B}[6~")
        try terminal.wait(forEnd: "arc> sel")
        try submit("\r", 4)
        #expect(editor.last == .input("sel"))
    }

    @Test(
        "a key does what it says, and one without a meaning inserts nothing",
        arguments: [
            ("\u{1B}[1;5D", "one Xtwo"), ("\u{1B}[H", "Xone two"), ("\u{1B}[H\u{1B}[F", "one twoX"),
            ("\u{1B}[1;5D\u{1B}[1;5D\u{1B}[1;5C", "oneX two"), ("\u{1}\u{1B}[3~", "Xne two"),
            ("\u{17}", "one X"), ("\u{15}", "X"), ("\u{1}\u{B}", "X"), ("\u{1B}[15~", "one twoX"),
            ("\u{1B}[24~", "one twoX"), ("\u{1B}OP", "one twoX"), ("\u{1B}[2~", "one twoX"),
            ("\u{1B}[Z", "one twoX"), ("\u{1C}", "one twoX"), ("\u{1B}[6~", "one twoX"),
        ])
    func keys(_ keys: String, _ result: String) throws {
        let editor = try start()
        try submit("one two" + keys + "X\r", 1)
        #expect(editor.last == .input(result))
    }

    @Test("inputs typed ahead are read one after the other")
    func typedAhead() throws {
        let editor = try start()
        terminal.send("a\nb\n")
        try terminal.wait(for: "=> 2")
        #expect(editor.all == [.input("a"), .input("b")])
    }

    @Test("a coloured prompt is shown in its colour, and takes no more columns than one without")
    func colour() throws {
        let editor = try start("above\n\u{1B}[1m\u{1B}[32marc> \u{1B}[0m")
        #expect(terminal.screen.lines == ["above", "arc>"])
        #expect(terminal.screen.column == 5)
        let written = String(decoding: terminal.transcript, as: UTF8.self)
        #expect(written.contains("\u{1B}[1m\u{1B}[32marc>"))
        #expect(written.contains("\u{1B}[0m "))
        terminal.send("x\r")
        try terminal.wait(forEnd: "=> 1", "above", "arc>")
        #expect(editor.last == .input("x"))
    }

    @Test("what one session submitted, the next recalls")
    func sessions() throws {
        let file = try TemporaryDirectory()
        let first = try TerminalEditor(on: terminal, history: file.path + "/arc/history")
        try terminal.wait(forEnd: "arc>")
        try submit("f(1,\r2)\r", 1)
        terminal.send("\u{4}")
        #expect(first.waitForEnd())

        let other = try Terminal()
        let second = try TerminalEditor(on: other, history: file.path + "/arc/history")
        try other.wait(forEnd: "arc>")
        other.send(up)
        try other.wait(forEnd: "arc> f(1,", "2)")
        other.send("\r")
        try other.wait(for: "=> 1")
        #expect(second.last == .input("f(1,\n2)"))
    }

    @Test("a terminal that goes away ends the input")
    func hangUp() throws {
        var terminal: Terminal? = try Terminal()
        let editor = try TerminalEditor(on: #require(terminal))
        terminal?.send("abc")
        try terminal?.wait(for: "abc")
        terminal = nil
        #expect(editor.waitForEnd())
        #expect(editor.last == .endOfFile)
    }

    @Test("without a terminal there is no editor, and the error says what to do")
    func notATerminal() throws {
        let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        let error = #expect(throws: EditorError.self) {
            _ = try LineEditor(history: nil, input: descriptor, output: descriptor) { _, _ in [] }
        }
        #expect(error?.code == .notATerminal)
        #expect(error?.description.contains("arc run FILE.lua") == true)
    }
}
