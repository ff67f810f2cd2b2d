import ArcKit
import LuaBridge
import Postgres

/// Frames from what scripts have: a list of records, or a table of columns.
struct FrameMaking {
    let function: String
    /// The columns from left to right; nil for all there are, by name.
    var order: [String]?
    /// The types that columns are to have, by name.
    var types: [String: String] = [:]

    /// The frame of a list of records (tables or rows of frames), or of a table of columns (lists, or columns of frames).
    ///
    /// - Throws: `HostError` with code `argument`, which names the row and the column that are wrong.
    func frame(_ value: LuaValue) throws -> Frame {
        guard let table = value.table else {
            throw HostError(
                .argument, "\(function): data must be a table, got \(ArgumentCheck.display(value))")
        }
        for (name, type) in types where !CellValue.types.contains(type) {
            let near = NearestName.of(type, among: CellValue.types)
            throw HostError(
                .argument, "\(function): there is no type \"\(type)\" for column \"\(name)\"",
                advice: near.map { "Did you mean \"\($0)\"?" }
                    ?? "Types are \(CellValue.types.joined(separator: ", ")).")
        }
        return try table.fields.isEmpty ? records(table.array) : columns(table)
    }

    private func records(_ records: [LuaValue]) throws -> Frame {
        var found: [String: [Value]] = [:]
        var names: [String] = order ?? []
        for name in names { found[name] = Array(repeating: .null, count: records.count) }
        for (row, record) in records.enumerated() {
            for (name, value) in try fields(of: record, row: row) {
                if found[name] == nil {
                    guard order == nil else { continue }
                    names.append(name)
                    found[name] = Array(repeating: .null, count: records.count)
                }
                found[name]?[row] = try value()
            }
        }
        let nulls = [Value](repeating: .null, count: records.count)
        return Frame(
            columns: try self.names(found: names).map { made($0, found[$0] ?? nulls) }, count: records.count)
    }

    /// The columns from left to right: those that were asked for, or else those with values and those with a type, which may
    /// be without values.
    ///
    /// - Throws: `HostError` with code `argument` for a type whose column isn't asked for, or is the misspelt name of one with
    ///   values.
    private func names(found: [String]) throws -> [String] {
        let missing = types.keys.filter { !(order ?? found).contains($0) }.sorted()
        let meant = (order ?? found).filter { types[$0] == nil }
        for name in missing {
            let near = NearestName.of(name, among: meant)
            guard order != nil || near != nil else { continue }
            throw HostError(
                .argument, "\(function): types has \"\(name)\", and there is no such column",
                advice: near.map { "Did you mean \"\($0)\"?" } ?? "Name it in columns too.")
        }
        return order ?? (found + missing).sorted()
    }

    /// A column of these values; one that holds none has the type that it is to have all the same.
    private func made(_ name: String, _ values: [Value]) -> Column {
        guard let type = types[name], values.allSatisfy(\.isNull) else { return Column(name: name, values) }
        return Column(name: name, values: CellValue.nulls(values.count, as: type))
    }

    private typealias Field = (name: String, value: () throws -> Value)

    private func fields(of record: LuaValue, row: Int) throws -> [Field] {
        if let row = record.object(as: FrameRow.self) {
            return row.frame.columns.map { column in (column.name, { column[row.index] }) }
        }
        guard let table = record.table, table.array.isEmpty else {
            throw HostError(
                .argument,
                "\(function): row \(row + 1) must be a table of fields, got \(record.table == nil ? ArgumentCheck.display(record) : "a list")",
                advice: "Write {{a = 1, b = 2}, …}, or columns: {a = {1, …}, b = {2, …}}.")
        }
        return try table.fields.map { field in
            guard let name = field.name else {
                throw HostError(
                    .argument,
                    "\(function): row \(row + 1) has a field whose name is \(ArgumentCheck.display(field.key)), which isn't a string"
                )
            }
            return (name, { try cell(field.value, name, row) })
        }
    }

    private func cell(_ value: LuaValue, _ name: String, _ row: Int) throws -> Value {
        try CellValue.of(value, as: types[name]) { "\(function): column \"\(name)\", row \(row + 1)" }
    }

    private func columns(_ table: LuaTable) throws -> Frame {
        guard table.array.isEmpty else {
            throw HostError(
                .argument, "\(function): data has both rows and named columns",
                advice: "Give a list of records, or a table of columns.")
        }
        var count: Int?
        var found: [String: Column] = [:]
        for field in table.fields {
            guard let name = field.name else {
                throw HostError(
                    .argument,
                    "\(function): a column's name must be a string, got \(ArgumentCheck.display(field.key))")
            }
            guard order?.contains(name) ?? true else { continue }
            let column = try column(field.value, name: name)
            if let count, count != column.count {
                throw HostError(
                    .argument,
                    "\(function): column \"\(name)\" has \(Figure.count(column.count, "value", "values")), the others \(count)",
                    advice: "In a list, NULL is arc.null; nil would end it.")
            }
            count = column.count
            found[name] = column
        }
        let rows = count ?? 0
        return Frame(
            columns: try names(found: Array(found.keys)).map {
                found[$0] ?? Column(name: $0, values: CellValue.nulls(rows, as: types[$0]))
            }, count: rows)
    }

    /// A column of a list, or of a column of a frame.
    func column(_ value: LuaValue, name: String) throws -> Column {
        if let column = value.object(as: Column.self) {
            guard types[name] != nil else { return column.named(name) }
            return made(
                name,
                try (0..<column.count).map { try cell(LuaValue(column[$0], inSequence: true), name, $0) })
        }
        guard let table = value.table, table.fields.isEmpty else {
            throw HostError(
                .argument,
                "\(function): column \"\(name)\" must be a list, got \(ArgumentCheck.display(value))")
        }
        return made(
            name, try table.array.enumerated().map { row, value in try cell(value, name, row) })
    }
}

extension Frame {
    /// The rows as tables, without the fields that are NULL.
    func records() throws -> LuaValue {
        let rows = try (0..<count).map { row in LuaValue.table(try record(row)) }
        return .table(LuaTable(array: rows, kind: .array))
    }

    /// A row as a table, without the fields that are NULL.
    func record(_ row: Int) throws -> LuaTable {
        var fields: [LuaTable.Field] = []
        fields.reserveCapacity(columns.count)
        for column in columns where !column.values.isNull(row) {
            fields.append(LuaTable.Field(column.name, try LuaValue(column[row])))
        }
        return LuaTable(fields: fields, kind: .object)
    }

    /// The columns as lists, by name.
    func lists() throws -> LuaValue {
        .table(
            LuaTable(
                fields: try columns.map { LuaTable.Field($0.name, try $0.list()) }, kind: .object))
    }
}

extension Column {
    /// The values as a list; NULL is `arc.null`.
    func list() throws -> LuaValue {
        .table(
            LuaTable(array: try (0..<count).map { try LuaValue(self[$0], inSequence: true) }, kind: .array))
    }
}
