import ArcKit
import LuaBridge
import Postgres

/// What scripts can do with frames, their rows and groups. What takes a Lua function is in `frames.lua`, on top of
/// these.
enum FrameType {
    static let types: [HostType] = [frame, row, groups]

    private static let frame = HostType(
        Frame.typeName,
        methods: [
            .immediate("columns") { call in
                let frame = try call.object(0, as: Frame.self)
                return [.table(LuaTable(array: frame.columns.map { .string($0.name) }, kind: .array))]
            },
            .immediate("column") { call in
                try [list(try call.object(0, as: Frame.self).column(name(call, 1)))]
            },
            .immediate("take") { call in
                let frame = try call.object(0, as: Frame.self)
                let rows = (call[1].table?.array ?? []).compactMap(\.integerValue)
                    .filter { $0 >= 1 && $0 <= frame.count }
                return [.object(frame.taking(rows.map { Int($0) - 1 }))]
            },
            .immediate("head") { call in
                let frame = try call.object(0, as: Frame.self)
                let size = min(frame.count, Int(max(0, call[1].integerValue ?? 10)))
                return [.object(frame.taking(Array(0..<size)))]
            },
            .immediate("tail") { call in
                let frame = try call.object(0, as: Frame.self)
                let size = min(frame.count, Int(max(0, call[1].integerValue ?? 10)))
                return [.object(frame.taking(Array(frame.count - size..<frame.count)))]
            },
            .immediate("sort", sort),
            .immediate("select") { call in
                let frame = try call.object(0, as: Frame.self)
                let columns = try names(call).map { try frame.column($0) }
                return [.object(Frame(columns: columns, count: frame.count))]
            },
            .immediate("group_by") { call in
                [.object(try FrameGroups(try call.object(0, as: Frame.self), by: names(call)))]
            },
            .immediate("describe") { call in [.object(try call.object(0, as: Frame.self).described())] },
            .immediate("aggregate", aggregate),
        ],
        index: index,
        length: { call in [.integer(Int64(try call.object(0, as: Frame.self).count))] },
        tostring: { call in
            let text = try call.object(0, as: Frame.self).table.text(.table)
            return [.string(text.hasSuffix("\n") ? String(text.dropLast()) : text)]
        })

    private static let row = HostType(
        FrameRow.typeName,
        methods: [
            .immediate("fields") { call in
                let row = try call.object(0, as: FrameRow.self)
                return [
                    .table(
                        LuaTable(
                            fields: try row.frame.columns.map {
                                LuaTable.Field($0.name, try LuaValue($0[row.index]))
                            }.filter { $0.value != .nil }, kind: .object))
                ]
            }
        ],
        index: { call in
            let row = try call.object(0, as: FrameRow.self)
            return [try LuaValue(try row.frame.column(name(call, 1))[row.index])]
        },
        tostring: { call in
            let row = try call.object(0, as: FrameRow.self)
            let text = row.frame.taking([row.index]).table.text(.expanded)
            return [.string(text.hasSuffix("\n") ? String(text.dropLast()) : text)]
        })

    private static let groups = HostType(
        FrameGroups.typeName,
        methods: [
            .immediate("agg") { call in
                let groups = try call.object(0, as: FrameGroups.self)
                let wanted = (call[1].table?.fields ?? []).compactMap { field in
                    field.name.map { ($0, field.value) }
                }
                return [
                    .object(
                        groups.aggregated(
                            try wanted.map { ($0.0, try Self.aggregate($0.1, named: $0.0, of: groups.frame)) }
                        ))
                ]
            }
        ],
        length: { call in [.integer(Int64(try call.object(0, as: FrameGroups.self).groups.count))] })

    private static func index(_ call: HostCall) throws -> [LuaValue] {
        let frame = try call.object(0, as: Frame.self)
        if let number = call[1].integerValue {
            guard (1...Int64(max(1, frame.count))).contains(number), frame.count > 0 else { return [.nil] }
            return [.object(FrameRow(frame, Int(number) - 1))]
        }
        return [try list(frame.column(name(call, 1)))]
    }

    /// `frame:sort("score")`, `frame:sort("score", "desc")`, `frame:sort{"name", {"score", "desc"}}`.
    private static func sort(_ call: HostCall) throws -> [LuaValue] {
        let frame = try call.object(0, as: Frame.self)
        func direction(_ value: LuaValue) throws -> Bool {
            switch value {
            case .nil, "asc": return false
            case "desc": return true
            default:
                throw HostError(
                    .argument,
                    "\(call.name): the direction must be \"asc\" or \"desc\", got \(ArgumentCheck.display(value))"
                )
            }
        }
        guard let keys = call[1].table?.array else {
            return [.object(try frame.sorted(by: [(name(call, 1), direction(call[2]))]))]
        }
        let parsed = try keys.map { key -> (column: String, descending: Bool) in
            if let name = key.stringValue { return (name, false) }
            return (key.table?[1].stringValue ?? "", try direction(key.table?[2] ?? .nil))
        }
        return [.object(try frame.sorted(by: parsed))]
    }

    /// `frame:aggregate("mean", "score")`, which `frame:mean("score")` and its like call.
    private static func aggregate(_ call: HostCall) throws -> [LuaValue] {
        let frame = try call.object(0, as: Frame.self)
        let wanted = LuaValue.table(LuaTable(array: Array(call.arguments.dropFirst())))
        let value = try aggregate(wanted, named: call.name, of: frame).value(of: Array(0..<frame.count))
        return [try LuaValue(value)]
    }

    /// An aggregate as `agg` takes it: "count", or {"mean", "column"}.
    private static func aggregate(_ value: LuaValue, named name: String, of frame: Frame) throws -> Aggregate
    {
        let parts = value.table?.array ?? [value]
        let word = parts.first?.stringValue ?? ""
        guard let kind = Aggregate.Kind(rawValue: word) else {
            let kinds = Aggregate.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw HostError(
                .argument, "\(name): there is no aggregate \"\(word)\"",
                advice: "Write \"count\", or {KIND, COLUMN} with KIND one of \(kinds).")
        }
        guard parts.count > 1, let column = parts[1].stringValue else {
            guard kind == .count else {
                throw HostError(
                    .argument, "\(name): \(word) needs a column", advice: "Write {\"\(word)\", \"column\"}.")
            }
            return Aggregate(kind: kind, column: nil)
        }
        return Aggregate(kind: kind, column: try frame.column(column))
    }

    private static func list(_ column: Column) throws -> LuaValue {
        let values = try (0..<column.values.count).map { try LuaValue(column[$0], inSequence: true) }
        return .table(LuaTable(array: values, kind: .array))
    }

    private static func name(_ call: HostCall, _ index: Int) throws -> String {
        guard let name = call[index].stringValue else {
            throw HostError(
                .argument,
                "\(call.name): a column's name must be a string, got \(ArgumentCheck.display(call[index]))")
        }
        return name
    }

    private static func names(_ call: HostCall) throws -> [String] {
        try (1..<max(1, call.arguments.count)).map { try name(call, $0) }
    }
}

extension Frame {
    /// One row for each column: how many values and NULLs it has, and, of numbers, mean, standard deviation and the
    /// five-number summary.
    func described() -> Frame {
        var figures: [String: [Value]] = [:]
        let order = ["column", "values", "nulls", "mean", "sd", "min", "p25", "median", "p75", "max"]
        for column in columns {
            let known = (0..<count).count { column[$0] != .null }
            let numbers = column.isNumeric ? (0..<count).compactMap(column.number).sorted() : []
            let mean = numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
            let row: [Value] = [
                .text(column.name), .int(Int64(known)), .int(Int64(count - known)), .real(mean),
                .real(deviation(numbers, mean)), .real(numbers.first), .real(quantile(0.25, numbers)),
                .real(quantile(0.5, numbers)), .real(quantile(0.75, numbers)), .real(numbers.last),
            ]
            for (name, value) in zip(order, row) { figures[name, default: []].append(value) }
        }
        return Frame(columns: order.map { Column(name: $0, figures[$0] ?? []) }, count: columns.count)
    }

    private func quantile(_ p: Double, _ sorted: [Double]) -> Double? {
        Quantile.linear(p, ofSorted: sorted)
    }

    private func deviation(_ numbers: [Double], _ mean: Double?) -> Double? {
        guard let mean, numbers.count > 1 else { return nil }
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(numbers.count - 1)).squareRoot()
    }
}

extension Value {
    fileprivate static func real(_ number: Double?) -> Value { number.map(Value.double) ?? .null }
}
