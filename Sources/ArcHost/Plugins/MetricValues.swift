import ArcKit
import LuaBridge
import Postgres

extension Plugin.Part {
    /// What a metric's declaration says.
    var declaration: MetricDeclaration {
        MetricDeclaration(
            name: name, unit: text("unit"),
            per: text("per").flatMap(MetricDeclaration.Unit.init) ?? .simulation,
            moreIsBetter: fields["more_is_better"].boolValue,
            bounds: ValueBounds(low: fields["min"].numberValue, high: fields["max"].numberValue))
    }

    /// Whether a metric wants the trajectories.
    var readsTrajectory: Bool { fields["trajectory"].boolValue ?? false }
}

/// What a metric gave for each run, or for each scenario.
struct ComputedNumbers {
    /// A number for each, NaN where nothing is known.
    var values: [Double]
    /// Which of them are integers of Lua's.
    var areIntegers: [Bool]
    /// Whether there were yes and no among them.
    var hasVerdicts = false
    /// The first failure.
    var failure: HostError?
}

extension PluginHost {
    /// Calls a metric for one part after the other. A failure ends a call, and the next one goes on behind the part at which it
    /// happened.
    private static let driver = """
        local compute, parts, names, none = ...
        local at, values = 0, {}
        return function()
          local wrong, what, verdicts
          while at < #parts do
            at = at + 1
            values[at] = none
            local value
            if names then
              value = compute(parts:part(at), names[at].scenario_id)
            else
              value = compute(parts[at])
            end
            if value == true or value == false then value, verdicts = value and 1 or 0, true end
            if math.type(value) and value - value == 0 then
              values[at] = value
            elseif value ~= nil and not wrong then
              wrong = at
              what = value ~= value and "NaN" or math.type(value) and tostring(value) or "a " .. type(value)
            end
          end
          return { values = values, wrong = wrong, what = what, verdicts = verdicts }
        end
        """

    /// What a metric with `per` gives for each row of the outcomes, or for each of the groups: in one call into the plugin's
    /// machine.
    ///
    /// - Parameters:
    ///   - groups: the outcomes by scenario, for a metric that is computed per scenario.
    ///   - goesOn: whether a failure costs the value of its run alone. One that took too long or used up its memory is
    ///     stopped all the same.
    /// - Throws: `HostError` that names the plugin, the metric and what is wrong.
    func numbers(
        _ part: Plugin.Part, of plugin: Plugin, for outcomes: Frame, groups: FrameGroups?, goesOn: Bool,
        in place: String
    ) async throws -> ComputedNumbers {
        guard let compute = part.function("compute") else {
            throw HostError(.plugin, "\(place): compute must be a function")
        }
        let parts: LuaValue = groups.map { .object($0) } ?? .object(outcomes)
        let names: LuaValue = groups.map { .object($0.keyFrame) } ?? .nil
        let step = try await plugin.using { machine in
            try await machine.run(
                Self.driver, name: "=[metrics]", arguments: [.function(compute), parts, names, .null]
            ).first?.function
        }
        guard let step else { throw HostError(.plugin, "\(place): compute must be a function") }
        var failure: HostError?
        while true {
            do {
                let answer = try await plugin.call(step, [], in: place)
                var found = Self.numbers(answer, count: groups?.count ?? outcomes.count, part, place)
                found.failure = failure ?? found.failure
                if let wrong = found.failure, !goesOn { throw wrong }
                return found
            } catch let error as HostError {
                guard goesOn, error.code != .timeout,
                    !error.message.hasSuffix(Plugin.memoryIsGone(plugin.manifest))
                else { throw error }
                failure = failure ?? error
            }
        }
    }

    /// What the driver returned, checked.
    private static func numbers(
        _ answer: LuaValue, count: Int, _ part: Plugin.Part, _ place: String
    ) -> ComputedNumbers {
        let list = answer.table?["values"].table?.array ?? []
        var numbers = ComputedNumbers(
            values: Array(repeating: .nan, count: count), areIntegers: Array(repeating: false, count: count))
        numbers.hasVerdicts = answer.table?["verdicts"].boolValue ?? false
        let unit = part.declaration.per == .scenario ? "scenario" : "outcome"
        if let wrong = answer.table?["wrong"].integerValue {
            let what = answer.table?["what"].stringValue ?? ""
            numbers.failure = HostError(
                .plugin,
                "\(place) must return a finite number, a boolean or nil, got \(what) for \(unit) \(wrong)")
        }
        let bounds = part.declaration.bounds
        for (index, value) in list.prefix(count).enumerated() {
            guard let number = value.numberValue else { continue }
            guard bounds.contains(number) else {
                numbers.failure =
                    numbers.failure
                    ?? HostError(
                        .plugin,
                        "\(place) gave \(ArgumentCheck.display(value)) for \(unit) \(index + 1): "
                            + "it says that its values are \(bounds.text)")
                continue
            }
            numbers.values[index] = number
            if case .integer = value { numbers.areIntegers[index] = true }
        }
        return numbers
    }

    /// A metric's values for each run or scenario of these outcomes. What was recorded under its name is taken as it is, and the
    /// plugin isn't asked where that is so of all.
    ///
    /// - Parameter host: what reads trajectories, where the metric wants them and the frame lacks them.
    /// - Returns: the values, and whether they are yes and no.
    /// - Throws: `HostError` that names the plugin, the metric and the simulation where it fails or returns something else.
    func values(
        _ part: Plugin.Part, of plugin: Plugin, for outcomes: Frame, in place: String, on host: Host? = nil
    ) async throws -> (values: MetricValues, areVerdicts: Bool) {
        let scenarios = try outcomes.column("scenario_id")
        func name(_ row: Int) -> String {
            if case .text(let name) = scenarios[row] { name } else { "" }
        }
        guard part.declaration.per == .outcome else {
            var outcomes = outcomes
            if part.readsTrajectory, !outcomes.names.contains("trajectory"), let host {
                outcomes = try await host.withTrajectories(outcomes)
            }
            let groups = try FrameGroups(outcomes, by: ["scenario_id"])
            let found = try await numbers(
                part, of: plugin, for: outcomes, groups: groups, goesOn: false, in: place)
            let names = (0..<groups.count).map { name(Int(groups.groups[$0].first ?? 0)) }
            return (
                MetricValues(scenarios: names, trials: nil, values: found.values), found.hasVerdicts
            )
        }
        var values = outcomes.recordedNumbers(part.name)
        let missing = values.indices.filter { values[$0].isNaN }.map { Int32($0) }
        var areVerdicts = values.allSatisfy { $0.isNaN || $0 == 0 || $0 == 1 } && missing.count < values.count
        if !missing.isEmpty {
            areVerdicts = false
            let wantsTrajectory = part.readsTrajectory && !outcomes.names.contains("trajectory")
            // Trajectories are long: so many at a time.
            let most = wantsTrajectory && host != nil ? 500 : missing.count
            for start in stride(from: 0, to: missing.count, by: most) {
                let rows = missing[start..<min(start + most, missing.count)]
                var rest = rows.count == values.count ? outcomes : outcomes.taking(rows)
                if wantsTrajectory, let host { rest = try await host.withTrajectories(rest) }
                let found = try await numbers(
                    part, of: plugin, for: rest, groups: nil, goesOn: false, in: place)
                for (row, value) in zip(rows, found.values) { values[Int(row)] = value }
                areVerdicts = areVerdicts || found.hasVerdicts
            }
        }
        let trials = outcomes.names.contains("trial") ? try outcomes.column("trial") : nil
        return (
            MetricValues(
                scenarios: (0..<outcomes.count).map(name),
                trials: (0..<outcomes.count).map { trials?.number($0).map { Int($0) } ?? 1 }, values: values),
            areVerdicts
        )
    }

    /// The mean of a metric's values over the scenarios, clustered by them.
    func mean(
        _ part: Plugin.Part, of plugin: Plugin, for outcomes: Frame, in place: String, on host: Host? = nil
    ) async throws -> Estimate {
        let (values, areVerdicts) = try await values(part, of: plugin, for: outcomes, in: place, on: host)
        var bounds = part.declaration.bounds
        if areVerdicts, bounds == ValueBounds(), values.values.allSatisfy({ $0.isNaN || $0 == 0 || $0 == 1 })
        {
            bounds = .rate
        }
        return Mean.estimate(values.byScenario.filter { !$0.isEmpty }, within: bounds)
    }
}

extension Host {
    /// The outcomes with their trajectories, read now.
    func withTrajectories(_ outcomes: Frame) async throws -> Frame {
        let ids = try outcomes.column("outcome_id")
        let times = try outcomes.column("execution_time")
        var keys: [(id: String, time: String)?] = []
        for row in 0..<outcomes.count {
            if case .uuid(let id) = ids[row], case .timestamp(let time) = times[row] {
                keys.append((id.description, time.description))
            } else {
                keys.append(nil)
            }
        }
        let known = keys.compactMap(\.self)
        let found = try await store().session(.read) {
            try await $0.trajectories(ids: known.map(\.id), times: known.map(\.time))
        }
        let values = keys.map { $0.flatMap { found[$0.id] }.map(Value.json) ?? .null }
        return outcomes.with(
            values.allSatisfy(\.isNull)
                ? Column(name: "trajectory", values: CellValue.nulls(values.count, as: "json"))
                : Column(name: "trajectory", values))
    }
}

extension ValueBounds {
    /// "from 0 to 1", "0 or more", "1 or less"
    var text: String {
        func plain(_ value: Double) -> String { Int64(exactly: value).map(String.init) ?? "\(value)" }
        return switch (low, high) {
        case (let low?, let high?): "from \(plain(low)) to \(plain(high))"
        case (let low?, nil): "\(plain(low)) or more"
        case (nil, let high?): "\(plain(high)) or less"
        case (nil, nil): "any"
        }
    }
}

extension Frame {
    /// The numbers of that name among what was recorded with each outcome; NaN where there is none.
    func recordedNumbers(_ name: String) -> [Double] {
        guard let metrics = try? column("metrics"), metrics.values.isJSON else {
            return [Double](repeating: .nan, count: count)
        }
        return RecordedNumbers.named(name, in: metrics.values)
    }
}
