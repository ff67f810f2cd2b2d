import Foundation
import Glibc
import Testing

/// The real `arc`, started on a real terminal.
@Suite("The prompt of arc, on a terminal", .blocking)
struct ArcPromptTests {
    private let terminal: Terminal
    private let home: TemporaryDirectory

    init() throws {
        terminal = try Terminal()
        home = try TemporaryDirectory()
    }

    /// `arc` lies beside the tests.
    private var program: String {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: tests).deletingLastPathComponent().appending(path: "arc").path
        }
    }

    private func start(_ arguments: String...) throws -> pid_t {
        try terminal.spawn(
            program, arguments,
            environment: [
                "HOME": home.path, "XDG_STATE_HOME": home.path + "/state",
                "XDG_DATA_HOME": home.path + "/data",
            ])
    }

    @Test("Ctrl-D ends arc with status 0")
    func endOfFile() throws {
        let arc = try start()
        try terminal.wait(for: "arc>")
        terminal.send("\u{4}")
        #expect(try terminal.waitForExit(of: arc) == 0)
    }

    @Test("os.exit ends arc with its code")
    func exit() throws {
        let arc = try start()
        try terminal.wait(for: "arc>")
        terminal.send("os.exit(5)\r")
        #expect(try terminal.waitForExit(of: arc) == 5)
    }

    @Test("Ctrl-C drops what is typed, and arc goes on; the terminal is as it was when arc ends")
    func interrupt() throws {
        let descriptor = try terminal.openProgramSide()
        defer { close(descriptor) }
        var before = termios()
        tcgetattr(descriptor, &before)
        let arc = try start()
        try terminal.wait(for: "arc>")
        terminal.send("not this\u{3}")
        try terminal.wait(forEnd: "arc> not this^C", "arc>")
        terminal.send("\u{4}")
        try terminal.wait(for: "the end") { !$0.modes.contains("?2004") }
        close(descriptor)
        #expect(try terminal.waitForExit(of: arc) == 0)
        let again = try terminal.openProgramSide()
        defer { close(again) }
        var after = termios()
        tcgetattr(again, &after)
        #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag)
    }

    @Test("a new size reaches arc, which draws its input anew")
    func resize() throws {
        let arc = try start()
        try terminal.wait(for: "arc>")
        let text = String(repeating: "0123456789", count: 7)
        terminal.send(text)
        try terminal.wait(forEnd: "arc> " + text)
        terminal.resize(columns: 120, rows: 24)
        terminal.send(text.prefix(30) + "\u{1}")
        try terminal.wait(forEnd: "arc> " + text + text.prefix(30))
        terminal.send("\u{3}\u{4}")
        #expect(try terminal.waitForExit(of: arc) == 0)
    }

    @Test("an input is remembered by the next arc")
    func history() throws {
        let first = try start()
        try terminal.wait(for: "arc>")
        terminal.send("\u{1B}[200~return (1 +\r2)\u{1B}[201~\r")
        try terminal.wait(for: "a prompt") { $0.lines.count > 2 && $0.lines.last == "arc>" }
        terminal.send("\u{4}")
        #expect(try terminal.waitForExit(of: first) == 0)

        let second = try start()
        try terminal.wait(for: "a prompt") {
            $0.modes.contains("?2004") && $0.lines.last?.hasSuffix("arc>") == true
        }
        terminal.send("\u{1B}[A")
        try terminal.wait(for: "the input") {
            $0.lines.last == "2)" && $0.lines.dropLast().last?.hasSuffix("arc> return (1 +") == true
        }
        terminal.send("\u{3}\u{4}")
        #expect(try terminal.waitForExit(of: second) == 0)
    }
}
