import ArcKit
public import LuaBridge
public import Postgres

/// A query's result for scripts: named, typed columns in Swift memory behind one handle. Frames are never changed; what
/// makes another of one shares the columns that stay as they are.
public final class Frame: HostObject {
    /// What scripts call it.
    public static let typeName = "Frame"

    let columns: [Column]
    let count: Int
    private let places: NameTable

    /// A frame of columns that all have `count` rows. Of equal names the second becomes `name_2`, so that each column can be
    /// asked for.
    init(columns: [Column], count: Int) {
        let names = DistinctNames.of(columns.map(\.name))
        self.columns = zip(columns, names).map { $0.name == $1 ? $0 : $0.named($1) }
        self.count = count
        places = NameTable(names)
    }

    /// The frame of rows that came as columns.
    public convenience init(_ rows: ColumnSet) {
        let columns = zip(rows.columns, rows.values).map { Column(name: $0.name, values: $1) }
        self.init(columns: columns, count: rows.count)
    }

    /// The frame of a result.
    public convenience init(_ result: QueryResult) { self.init(ColumnSet(result)) }

    /// A frame of named columns that all have as many values as there are rows.
    public convenience init(rows: Int, _ columns: [(name: String, values: [Value])]) {
        self.init(columns: columns.map { Column(name: $0.name, $0.values) }, count: rows)
    }

    /// The bytes that its columns' values hold in memory.
    public var heldBytes: Int { columns.reduce(0) { $0 + $1.values.heldBytes } }

    /// The bytes of what isn't shared with other frames.
    public var memoryFootprint: Int { columns.reduce(256) { $0 + $1.memoryFootprint } }

    /// Itself, for its rows and groups; its columns are its parts.
    public func forEachSharedMemory(_ body: (any SharedMemory) -> Void) { body(self) }

    /// The names of the columns, from left to right.
    var names: [String] { columns.map(\.name) }

    /// The place of the column whose name has these bytes.
    func place(_ name: UnsafeRawBufferPointer) -> Int? { places[name] }

    /// The place of the column of that name.
    ///
    /// - Parameter function: who asks, for the message; nil of a script that reads a field.
    /// - Throws: `HostError` with code `column`, which suggests the nearest name.
    func place(_ name: String, for function: String? = nil) throws -> Int {
        var text = name
        if let place = text.withUTF8({ places[UnsafeRawBufferPointer($0)] }) { return place }
        throw unknown(name, for: function)
    }

    /// The column of that name.
    ///
    /// - Throws: As `place`.
    func column(_ name: String, for function: String? = nil) throws -> Column {
        columns[try place(name, for: function)]
    }

    /// The columns of these names.
    func columns(_ names: [String], for function: String? = nil) throws -> [Column] {
        try names.map { try column($0, for: function) }
    }

    /// - Parameter type: the type of the handle of which a field was read, as `frame:fliter` does too.
    func unknown(_ name: String, for function: String?, member type: String? = nil) -> HostError {
        let methods = type.flatMap { LibraryReference.members(ofType: $0)?.map(\.name) } ?? []
        let columns = names.isEmpty ? "It has no columns" : "Its columns: \(names.joined(separator: ", "))"
        let advice =
            NearestName.of(name, among: names + methods).map { "Did you mean \"\($0)\"?" }
            ?? (type.map { "\(columns). Its methods: help(\"\($0)\")." }
                ?? (names.isEmpty ? "It has none." : "It has: \(names.joined(separator: ", "))."))
        let place = function.map { "\($0): " } ?? ""
        let this = type == FrameRow.typeName ? "this row" : "this frame"
        let what = type == nil ? "column" : "column or method"
        return HostError(.column, "\(place)\(this) has no \(what) \"\(name)\"", advice: advice)
    }

    /// The frame of these rows (from 0), in this order; a row of NULLs for a negative number.
    func taking(_ rows: some Collection<Int32>) -> Frame {
        Frame(columns: columns.map { $0.gathering(rows) }, count: rows.count)
    }

    /// The frame of a stretch of its rows.
    func slice(_ rows: Range<Int>) -> Frame {
        rows == 0..<count ? self : taking(Int32(rows.lowerBound)..<Int32(rows.upperBound))
    }

    /// The frame sorted by these columns; NULL last either way, and rows that are equal stay in order.
    func sorted(by keys: [(column: String, descending: Bool)], for function: String? = nil) throws -> Frame {
        let keys = try keys.map {
            RowOrder.Key(column: try column($0.column, for: function).values, descending: $0.descending)
        }
        return taking(try RowOrder.sorted(count: count, by: keys))
    }

    /// The frame with the column in the place of the one of its name, or else behind the others.
    func with(_ column: Column) -> Frame {
        var columns = columns
        if let place = columns.firstIndex(where: { $0.name == column.name }) {
            columns[place] = column
        } else {
            columns.append(column)
        }
        return Frame(columns: columns, count: count)
    }
}

extension Frame: SharedMemory {
    /// Nothing beside the columns that isn't counted already.
    public var byteCount: Int { 0 }
    /// The columns' values.
    public var parts: [any SharedMemory] { columns.map(\.memory) }
}

/// One row of a frame. Its fields are looked up as a script asks for them.
final class FrameRow: HostObject {
    static let typeName = "Row"

    let frame: Frame
    let index: Int

    init(_ frame: Frame, _ index: Int) {
        self.frame = frame
        self.index = index
    }

    var memoryFootprint: Int { 64 }

    func forEachSharedMemory(_ body: (any SharedMemory) -> Void) { body(frame) }

    /// The row as a frame of its own.
    var alone: Frame { frame.slice(index..<index + 1) }
}
