import ArcKit
import LuaBridge
import Postgres

extension PluginHost {
    static let metricResult = ParameterType.record(
        "MetricResult",
        [
            .optional("value", .anyNumber, "the figure; nil where it isn't known"),
            .optional("n", .integer(0 ... .max), "how many observations it rests on"),
            .optional("errors", .integer(0 ... .max), "how many runs failed"),
            .optional("se", .anyNumber, "its standard error"),
            .optional("low", .anyNumber, "the lower end of its 95 % interval"),
            .optional("high", .anyNumber, "the upper end"),
            .optional("method", .string, "how it was made"),
            .optional("note", .string, "what must be known to read it"),
        ])

    /// Every metric of every plugin for a simulation's outcomes. A metric or a plugin that fails, or was left out, is among the
    /// failures, which are kept and told as well; the others go on.
    ///
    /// - Parameter simulation: what to call the simulation in a message.
    /// - Throws: What is no fault of a plugin's: Ctrl-C, or a database that is away.
    func metrics(
        of outcomes: Frame, simulation: String? = nil, on host: Host
    ) async throws -> PluginResults<Document.Metric> {
        let providers = try await providers(of: "metrics", on: host)
        var results = PluginResults<Document.Metric>(failures: catalogue.failures + providers.failures)
        for plugin in providers.values {
            for part in plugin.parts("metrics") {
                try await results.collect(plugin.manifest.name, part.title) {
                    try await running(part, of: plugin) {
                        try await metric(part, of: plugin, for: outcomes, simulation, on: host)
                    }
                }
            }
        }
        note(results.failures)
        return results
    }

    /// What one metric comes to.
    ///
    /// - Throws: `HostError` that names the plugin, the metric and the simulation where it fails or returns something else.
    func metric(
        _ part: Plugin.Part, of plugin: Plugin, for outcomes: Frame, _ simulation: String? = nil,
        on host: Host? = nil
    ) async throws -> Document.Metric {
        let place =
            "plugin \(plugin.manifest.name), \(part.title)" + (simulation.map { ", simulation \($0)" } ?? "")
        var metric = Document.Metric(name: part.name)
        metric.label = part.text("label")
        metric.unit = part.text("unit")
        metric.errors = try Self.errors(in: outcomes)
        guard part.declaration.per == .simulation else {
            metric.take(try await mean(part, of: plugin, for: outcomes, in: place, on: host))
            return metric
        }
        guard let compute = part.function("compute") else {
            throw HostError(.plugin, "\(place): compute must be a function")
        }
        let value = try await plugin.call(compute, [.object(outcomes)], in: place)
        if let number = value.numberValue, number.isFinite {
            (metric.value, metric.n) = (number, outcomes.count)
        } else if let result = value.table {
            try Self.check(result, place)
            metric.take(result)
        } else if !value.isAbsent {
            throw HostError(
                .plugin,
                "\(place) must return a finite number, a table or nil, got \(ArgumentCheck.display(value))")
        } else {
            metric.n = 0
        }
        try metric.keep(within: part.declaration.bounds, place)
        return metric
    }

    private static func check(_ result: LuaTable, _ place: String) throws {
        do {
            try ArgumentCheck(function: place).check(
                .table(result), against: .required("its result", metricResult, ""), place: "its result")
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        }
        if let low = result["low"].numberValue, let high = result["high"].numberValue, low > high {
            throw HostError(.plugin, "\(place): low must not be above high, got \(low) and \(high)")
        }
    }

    /// The runs in which the agent failed; one that somebody cancelled says nothing.
    static func errors(in outcomes: Frame) throws -> Int {
        let status = try outcomes.column("status")
        let failed: Set<Value> = [.text(OutcomeStatus.error.rawValue), .text(OutcomeStatus.timeout.rawValue)]
        return (0..<outcomes.count).count { failed.contains(status[$0]) }
    }
}

extension Document.Metric {
    /// Takes over an estimate.
    mutating func take(_ estimate: Estimate) {
        (value, n, standardError) = (estimate.value, estimate.n, estimate.standardError)
        (low, high) = (estimate.interval?.low, estimate.interval?.high)
        (method, note) = (estimate.method, estimate.note)
    }

    /// Takes over what a table from Lua says.
    mutating func take(_ table: LuaTable) {
        value = table["value"].numberValue
        n = table["n"].integerValue.map { Int($0) }
        errors = table["errors"].integerValue.map { Int($0) } ?? errors
        standardError = table["se"].numberValue
        low = table["low"].numberValue
        high = table["high"].numberValue
        method = table["method"].stringValue
        note = table["note"].stringValue
    }

    /// Cuts the interval to the values that are possible.
    ///
    /// - Throws: `HostError` with code `plugin` for a value that isn't.
    fileprivate mutating func keep(within bounds: ValueBounds, _ place: String) throws {
        if let value, !bounds.contains(value) {
            throw HostError(
                .plugin,
                "\(place) gave \(ArgumentCheck.display(.number(value))): it says that its values are \(bounds.text)"
            )
        }
        low = low.map { max($0, bounds.low ?? $0) }
        high = high.map { min($0, bounds.high ?? $0) }
    }

    /// The metric for a script.
    var table: LuaTable {
        LuaTable([
            "name": .string(name), "label": .optional(label), "unit": .optional(unit),
            "value": .optional(value),
            "n": .optional(n.map(Int64.init)), "errors": .optional(errors.map(Int64.init)),
            "se": .optional(standardError), "low": .optional(low), "high": .optional(high),
            "method": .optional(method), "note": .optional(note),
        ])
    }
}
