import Dispatch
import Foundation
import Glibc
import Testing

@testable import ArcShell

@Suite("The history file")
struct HistoryFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/state/arc/history"
    }

    private func put(_ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory.path + "/state/arc", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @Test("entries come back exactly, whatever is in them")
    func exact() throws {
        let inputs = [
            "one", "two\nrows\n\n", "tab\t\"quotes\" \\ \u{1B}[0m \u{7F} \u{2028}", "日本語 é 👩‍👩‍👧", "'", "\\n",
        ]
        let file = HistoryFile(path: path)
        for input in inputs { try file.append(input) }
        #expect(try HistoryFile(path: path).load() == inputs)
    }

    @Test("it is for its owner alone, and holds no password")
    func privacy() throws {
        try put("\"old\"\n")
        chmod(path, 0o644)
        try HistoryFile(path: path).append("postgres://u:secret@h/d")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try HistoryFile(path: path).load() == ["old", "postgres://u:***@h/d"])
    }

    @Test("a missing file is an empty history; one that can't be opened is an error that names it")
    func missing() throws {
        #expect(try HistoryFile(path: path).load() == [])
        let file = HistoryFile(path: directory.path)
        let error = #expect(throws: EditorError.self) { try file.append("x") }
        #expect(error?.description.contains(directory.path) == true)
    }

    @Test("a torn last line loses itself alone, and the next entry stands on a line of its own")
    func torn() throws {
        try put("\"one\"\nrubbish\n\"two\"\n\"thr")
        let file = HistoryFile(path: path)
        #expect(try file.load() == ["one", "two"])
        try file.append("four")
        #expect(try HistoryFile(path: path).load() == ["one", "two", "four"])
    }

    @Test("every cut of the file loses no whole line")
    func everyCut() throws {
        let whole = Array("\"a\\nb\"\n\"日本\"\n\"c\"\n".utf8)
        for length in 0...whole.count {
            let newlines = whole[..<length].count { $0 == UInt8(ascii: "\n") }
            let entries = HistoryFile.entries(in: Array(whole[..<length]))
            #expect(entries.count == newlines || entries.count == newlines + 1)
            #expect(entries == Array(["a\nb", "日本", "c"].prefix(entries.count)))
        }
    }

    @Test("repetitions that follow each other are recalled once")
    func repetitions() throws {
        try put("\"a\"\n\"a\"\n\"b\"\n\"a\"\n")
        #expect(try HistoryFile(path: path).load() == ["a", "b", "a"])
    }

    @Test("beyond its limit the oldest entries leave, and the newest stay in order")
    func limit() throws {
        let file = HistoryFile(path: path, limit: 8)
        for number in 1...100 {
            try file.append("\(number)")
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count <= 10 && lines.last == "\"\(number)\"")
        }
        #expect(try HistoryFile(path: path, limit: 8).load() == (93...100).map(String.init))
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
    }

    @Test("sessions that write at once, and compact, lose nothing of the newest")
    func sessions() throws {
        let path = path
        DispatchQueue.concurrentPerform(iterations: 8) { session in
            let file = HistoryFile(path: path, limit: 1000)
            for number in 0..<100 { try? file.append("session \(session) input \(number)") }
        }
        let all = try HistoryFile(path: path).load()
        #expect(Set(all).count == 800)
        DispatchQueue.concurrentPerform(iterations: 8) { session in
            let file = HistoryFile(path: path, limit: 40)
            _ = try? file.load()
            for number in 0..<50 { try? file.append("again \(session) \(number)") }
        }
        let newest = try HistoryFile(path: path, limit: 40).load()
        #expect(newest.count == 40 && newest.allSatisfy { $0.hasPrefix("again") })
        for session in 0..<8 {
            let numbers = newest.filter { $0.hasPrefix("again \(session) ") }.compactMap {
                Int($0.split(separator: " ")[2])
            }
            #expect(numbers == numbers.sorted())
        }
    }
}
