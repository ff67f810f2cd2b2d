import ArcKit
import LuaBridge
import Postgres

/// What several functions of `arc.stats` take.
enum StatisticsParameter {
    static let by = Parameter.optional(
        "by", .string, "the column whose values are the unit of analysis; scenario_id unless said")
    static let confidence = Parameter.optional(
        "confidence", share, "the level of the intervals; 0.95 unless said")
    static let alpha = Parameter.optional("alpha", share, "the level of the test; 0.05 unless said")
    static let power = Parameter.optional(
        "power", share, "how probable it must be to find the effect; 0.8 unless said")
    static let sides = Parameter.optional(
        "sides", .integer(1...2), "whether effects count in one direction or in both; 2 unless said")
    static let seed = Parameter.optional(
        "seed", .integer(0...Int64.max), "what decides what is drawn; 1 unless said")
    static let resamples = Parameter.optional(
        "resamples", .integer(2...100_000), "how many samples are drawn; 10,000 unless said")

    /// Numbers in an order: a column, or a list.
    static let numbers = ParameterType.either(.handle(Column.typeName), .list(.any))
    /// A column, or its name.
    static let column = ParameterType.either(.string, .handle(Column.typeName))
    /// A number between 0 and 1; at the ends there is no answer.
    static let share = ParameterType.number(0...1)
    /// A number above 0; at 0 there is no answer.
    static let positive = ParameterType.number(0...Double.greatestFiniteMagnitude)

    /// What an estimate has.
    static let estimate = "value, n, se, low, high, method and perhaps note; what can't be told is nil"
}

extension Arguments {
    var confidence: Double { number("confidence") ?? 0.95 }
    var alpha: Double { number("alpha") ?? 0.05 }
    var power: Double { number("power") ?? 0.8 }
    var sides: Power.Sides { integer("sides") == 1 ? .one : .two }
    var seed: UInt64 { integer("seed").map { UInt64($0) } ?? Resampling.seed }
    var resamples: Int { integer("resamples").map { Int($0) } ?? Resampling.resamples }
    var by: String { string("by") ?? "scenario_id" }

    /// The numbers of a column or a list, in their order; nil for NULL, `arc.null` and what is missing.
    func numbers(_ name: String) throws -> [Double?] {
        if let column: Column = object(name) { return try column.numbers(for: function).all }
        return try (list(name) ?? []).enumerated().map { place, value in
            if value.isAbsent { return nil }
            if let number = value.numberValue { return number }
            throw HostError(
                .argument,
                "\(function): \(name)[\(place + 1)] must be a number, got \(ArgumentCheck.display(value))",
                advice: "arc.null stands for what isn't known.")
        }
    }

    /// The numbers of a list in which none may be missing.
    func knownNumbers(_ name: String) throws -> [Double] {
        try numbers(name).enumerated().map { place, number in
            if let number { return number }
            throw HostError(.argument, "\(function): \(name)[\(place + 1)] isn't known")
        }
    }

    /// The known values of the column (or of the list that a function of rows became), by unit of analysis, and whether
    /// they are all booleans.
    func clusters(
        _ frame: Frame, _ name: String = "column", by: String
    ) throws -> (keys: [Value], values: [[Double]], isYesOrNo: Bool) {
        let groups = try FrameGroups(frame, by: [by], for: function)
        let number: (Int) -> Double?
        var isYesOrNo = false
        if let list = list(name) {
            if let other = list.first(where: { !$0.isAbsent && $0.numberValue == nil && $0.boolValue == nil })
            {
                throw HostError(
                    .argument,
                    "\(function): the function of a row must give a number or a boolean, got \(ArgumentCheck.display(other))",
                    advice: "nil stands for what isn't known.")
            }
            number = { row in
                guard row < list.count else { return nil }
                return list[row].numberValue ?? list[row].boolValue.map { $0 ? 1 : 0 }
            }
            isYesOrNo = list.allSatisfy { $0.boolValue != nil || $0.isAbsent }
        } else {
            let column: Column = try object(name) ?? frame.column(text(name))
            guard column.count == frame.count else {
                throw HostError(
                    .argument,
                    "\(function): the column has \(column.count) rows, and the frame \(frame.count)",
                    advice: "Give the name of one of the frame's own columns.")
            }
            let rows = try column.numbers(for: function)
            number = { rows.nulls?[$0] == true ? nil : rows.values[$0] }
            isYesOrNo = column.values.content == .booleans
        }
        let found = groups.groups.all.map { $0.compactMap { number(Int($0)) } }
        let used = found.indices.filter { !found[$0].isEmpty }
        let keys = groups.keyFrame.columns[0]
        return (used.map { keys[$0] }, used.map { found[$0] }, isYesOrNo)
    }
}

extension Arguments {
    /// How many of each group's rows passed, by the column that says so; rows without a verdict don't count.
    ///
    /// - Throws: `HostError` with code `column` where it holds something else than booleans, or the numbers 0 and 1.
    func passCounts(_ groups: RowGroups, of frame: Frame) throws -> [PassCount] {
        let column = try frame.column(fields("options").string("passed") ?? "passed")
        let rows = try column.numbers(for: function)
        return try groups.all.map { group in
            var count = PassCount(passes: 0, trials: 0)
            for row in group.lazy.map({ Int($0) }) where rows.nulls?[row] != true {
                let value = rows.values[row]
                guard value == 0 || value == 1 else {
                    throw HostError(
                        .column,
                        "\(function): column \"\(column.name)\" must say whether a run passed, got \(ArgumentCheck.display(.number(value)))",
                        advice: "It takes booleans, or the numbers 0 and 1.")
                }
                count.trials += 1
                if value == 1 { count.passes += 1 }
            }
            return count
        }
    }

    /// Refuses 0 where only what is above it means something.
    func requireAboveZero(_ names: String...) throws {
        for name in names where number(name) == 0 {
            throw HostError(.argument, "\(function): \(name) must be above 0, got 0")
        }
    }
}

extension [LuaValue] {
    /// A number or, where it isn't defined, nil and the reason.
    static func known(_ number: Double?, orWhy reason: () -> String) -> [LuaValue] {
        number.map { [.number($0)] } ?? [.nil, .string(reason())]
    }
}

extension NumberRows {
    /// Each row's number; nil for NULL.
    var all: [Double?] { values.indices.map { nulls?[$0] == true ? nil : values[$0] } }
}
