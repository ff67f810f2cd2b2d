import ArcHost
import Foundation
import SeededRandom
import Testing

extension SeededGenerator {
    fileprivate mutating func text() -> String {
        let pieces = [
            "a", "Z", "7", " ", "\"", "'", ",", ";", "\n", "\r", "\r\n", "\t", "|", "\\", "<", "`", "=", "-",
            "\u{1B}[31m", "\0",
            "\u{9B}2J", "日本", "é", "e\u{301}", "👩‍👩‍👧", "❤️", "\u{202E}", "\u{200B}", "\u{301}", "한", "𝔘",
            "\u{85}", "\u{2028}",
        ]
        return (0..<Int.random(in: 0...12, using: &self)).map { _ in pieces.randomElement(using: &self) ?? ""
        }.joined()
    }

    mutating func cell() -> Cell {
        switch Int.random(in: 0..<8, using: &self) {
        case 0: .null
        case 1: .integer(Int64.random(in: .min ... .max, using: &self))
        case 2: .real(Double(bitPattern: next()))
        case 3: .decimal("-12345678901234567890.0100")
        case 4: .boolean(Bool.random(using: &self))
        case 5: .json("{\"k\": [1, \"|\\n\", null]}")
        default: .text(text())
        }
    }

    mutating func table() -> Table {
        let columns = (0..<Int.random(in: 1...6, using: &self)).map { _ in
            Table.Column(
                text(), Bool.random(using: &self) ? .left : .right,
                unit: Bool.random(using: &self) ? "ms" : nil)
        }
        let rows = (0..<Int.random(in: 0...8, using: &self)).map { _ in columns.map { _ in cell() } }
        return Table(columns: columns, rows: rows)
    }
}

@Suite("Properties of tables, for tables of all kinds")
struct TablesPropertyTests {
    private static let seeds = 1...300

    private func table(_ seed: Int) -> Table {
        var random = SeededGenerator(seed: UInt64(seed))
        return random.table()
    }

    private func lines(_ text: String) -> [String] {
        #expect(text.last == "\n")
        return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func isVisible(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control }
    }

    @Test(
        "every line of a part of a table is as wide as the others, and within the width; no row or column is missing",
        arguments: seeds)
    func equalWidths(seed: Int) throws {
        let table = table(seed)
        for width in [nil, 20, 40, 80, 120] {
            var options = TableOptions()
            options.width = width
            let text = table.text(.table, options)
            #expect(isVisible(text))
            let lines = lines(text)
            guard lines[0].unicodeScalars.first == " " else {
                #expect(width != nil && text == table.text(.expanded, options))
                continue
            }
            let parts = lines.dropLast().split(separator: "", omittingEmptySubsequences: false)
            var columns = 0
            for part in parts {
                let widths = Set(part.map { DisplayWidth.of($0) })
                #expect(widths.count == 1 && widths.allSatisfy { $0 <= width ?? .max })
                let rule = try #require(part.firstIndex { $0.hasPrefix("─") })
                #expect(rule > part.startIndex && part.endIndex - rule - 1 == table.rows.count)
                columns += part[rule].split(separator: "┼").count
            }
            // What tells the rows apart stands in every part: a column of the table, or the rows' numbers.
            #expect(
                parts.count == 1
                    ? columns == table.columns.count
                    : [parts.count - 1, parts.count].contains(columns - table.columns.count))
            if width == nil || !lines.joined().contains("…") { #expect(!lines.last!.contains("shortened")) }
        }
    }

    @Test("no line of an expanded row is too wide, and nothing in it is lost", arguments: seeds)
    func expanded(seed: Int) {
        let table = table(seed)
        var options = TableOptions()
        options.width = 200
        let text = table.text(.expanded, options)
        #expect(isVisible(text))
        #expect(!text.contains("…"))
        #expect(lines(text).allSatisfy { DisplayWidth.of($0) <= 200 })
    }

    @Test("CSV reads back as what was written", arguments: seeds)
    func csv(seed: Int) {
        let table = table(seed)
        let records = CSVReader.records(table.text(.csv))
        #expect(records.first == table.columns.map(\.name))
        #expect(Array(records.dropFirst()) == table.rows.map { $0.map(\.exact) })
        var options = TableOptions()
        options.terminal = true
        #expect(isVisible(table.text(.csv, options)))
    }

    @Test("every row of Markdown has as many cells as the heading", arguments: seeds)
    func markdown(seed: Int) {
        let table = table(seed)
        let text = table.text(.markdown)
        #expect(isVisible(text))
        let lines = lines(text)
        #expect(lines.count == table.rows.count + 2)
        for line in lines {
            var bars = 0
            var escaped = false
            for scalar in line.unicodeScalars {
                if scalar == "|", !escaped { bars += 1 }
                escaped = scalar == "\\" && !escaped
            }
            #expect(bars == table.columns.count + 1)
        }
    }

    @Test("JSON and JSON Lines are read by another reader, and agree with the table", arguments: seeds)
    func json(seed: Int) throws {
        let table = table(seed)
        let text = table.text(.json)
        #expect(isVisible(text))
        let objects = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(objects.count == table.rows.count)
        #expect(objects.allSatisfy { $0.count == table.columns.count })
        let lines = table.text(.jsonl).split(separator: "\n")
        #expect(lines.count == table.rows.count)
        for (line, row) in zip(lines, table.rows) {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard let name = table.columns.first?.name else { continue }
            if case .text(let text) = row[0] { #expect(object[name] as? String == text) }
            if case .null = row[0] { #expect(object[name] is NSNull) }
        }
    }
}

/// Reads CSV by RFC 4180, with lines that end in LF.
private enum CSVReader {
    static func records(_ text: String) -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var field = ""
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"" where isQuoted && scalars.first == "\"":
                field.unicodeScalars.append("\"")
                scalars.removeFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                record.append(field)
                field = ""
            case "\n" where !isQuoted:
                records.append(record + [field])
                (record, field) = ([], "")
            default: field.unicodeScalars.append(scalar)
            }
        }
        return records
    }
}
