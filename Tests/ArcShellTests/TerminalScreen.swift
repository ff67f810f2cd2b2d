import ArcHost

/// What a terminal would show: as much of an xterm as a line editor uses.
struct TerminalScreen {
    private(set) var columns: Int
    private(set) var rows: Int
    /// Each cell holds a character; the right half of a wide one is empty.
    private var cells: [[String]]
    private(set) var row = 0
    private(set) var column = 0
    /// A character was written in the last column; the next one goes to the next row.
    private var wraps = false
    private var inserts = false
    private var pending: [UInt8] = []
    /// The modes that are set, such as `?2004`.
    private(set) var modes: Set<String> = []

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// The rows down to the last that isn't blank, without the blanks at their ends.
    var lines: [String] {
        var lines = cells.map { cells in
            var line = cells.joined()
            while line.last == " " { line.removeLast() }
            return line
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Takes a new size, without rewrapping, as xterm does.
    mutating func resize(columns: Int, rows: Int) {
        cells = cells.map { Array(($0 + Array(repeating: " ", count: columns)).prefix(columns)) }
        while cells.count > rows {
            cells.removeFirst()
            row = max(0, row - 1)
        }
        while cells.count < rows { cells.append(Array(repeating: " ", count: columns)) }
        (self.columns, self.rows) = (columns, rows)
        column = min(column, columns - 1)
        wraps = false
    }

    /// Shows what a program wrote; a sequence that isn't whole waits for its rest.
    mutating func write(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        while let first = pending.first {
            if first == 0x1B {
                guard let length = escapeLength() else { return }
                obey(String(decoding: pending[..<length], as: UTF8.self))
                pending.removeFirst(length)
            } else {
                let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
                guard pending.count >= length else { return }
                put(String(decoding: pending[..<length], as: UTF8.self).unicodeScalars)
                pending.removeFirst(length)
            }
        }
    }

    private func escapeLength() -> Int? {
        guard pending.count >= 2 else { return nil }
        switch pending[1] {
        case UInt8(ascii: "["):
            return pending.dropFirst(2).firstIndex { (0x40...0x7E).contains($0) }.map { $0 + 1 }
        case UInt8(ascii: "]"): return pending.firstIndex(of: 7).map { $0 + 1 }
        case UInt8(ascii: "("), UInt8(ascii: ")"): return pending.count >= 3 ? 3 : nil
        default: return 2
        }
    }

    private mutating func put(_ scalars: String.UnicodeScalarView) {
        for scalar in scalars {
            switch scalar {
            case "\r": (column, wraps) = (0, false)
            case "\n": lineFeed()
            case "\u{8}": (column, wraps) = (max(0, column - 1), false)
            case "\t": column = min(columns - 1, (column / 8 + 1) * 8)
            case "\u{7}", "\0": break
            default: show(scalar)
            }
        }
    }

    private mutating func lineFeed() {
        wraps = false
        if row + 1 < rows {
            row += 1
        } else {
            cells = cells.dropFirst() + [Array(repeating: " ", count: columns)]
        }
    }

    private mutating func show(_ scalar: Unicode.Scalar) {
        let width = DisplayWidth.of(scalar)
        if width == 0 {
            cells[row][max(0, column - 1)].unicodeScalars.append(scalar)
            return
        }
        if wraps || column + width > columns {
            column = 0
            lineFeed()
        }
        let new = [String(scalar)] + Array(repeating: "", count: width - 1)
        if inserts {
            cells[row].insert(contentsOf: new, at: column)
            cells[row].removeLast(width)
        } else {
            cells[row].replaceSubrange(column..<(column + width), with: new)
        }
        wraps = column + width == columns
        column = min(column + width, columns - 1)
    }

    private mutating func obey(_ sequence: String) {
        guard sequence.hasPrefix("\u{1B}["), let final = sequence.last else { return }
        let body = sequence.dropFirst(2).dropLast()
        let number = body.split(separator: ";").first.flatMap { Int($0) }
        let count = max(1, number ?? 1)
        if final != "m" { wraps = false }
        switch final {
        case "A": row = max(0, row - count)
        case "B": row = min(rows - 1, row + count)
        case "C": column = min(columns - 1, column + count)
        case "D": column = max(0, column - count)
        case "G": column = min(columns, count) - 1
        case "H": (row, column) = (0, 0)
        case "J", "K": erase(final, number ?? 0)
        case "P":
            cells[row].removeSubrange(column..<min(columns, column + count))
            cells[row] += Array(repeating: " ", count: columns - cells[row].count)
        case "@":
            cells[row].insert(contentsOf: Array(repeating: " ", count: count), at: column)
            cells[row].removeLast(count)
        case "X": for index in column..<min(columns, column + count) { cells[row][index] = " " }
        case "h", "l":
            if final == "h" { modes.insert(String(body)) } else { modes.remove(String(body)) }
            inserts = modes.contains("4")
        default: break
        }
    }

    private mutating func erase(_ final: Character, _ what: Int) {
        let blank = Array(repeating: " ", count: columns)
        if what != 1 { cells[row].replaceSubrange(column..., with: blank[column...]) }
        if what != 0 { cells[row].replaceSubrange(...column, with: blank[...column]) }
        if final == "J" {
            if what != 1 { for below in (row + 1)..<max(rows, row + 1) { cells[below] = blank } }
            if what != 0 { for above in 0..<row { cells[above] = blank } }
        }
    }
}
