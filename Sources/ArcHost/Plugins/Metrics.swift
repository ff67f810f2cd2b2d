import ArcKit
import LuaBridge
import Postgres

extension PluginHost {
    private static let result = ParameterType.record(
        "MetricResult",
        [
            .optional("value", .anyNumber, ""), .optional("n", .integer(0 ... .max), ""),
            .optional("errors", .integer(0 ... .max), ""), .optional("se", .anyNumber, ""),
            .optional("low", .anyNumber, ""), .optional("high", .anyNumber, ""),
            .optional("method", .string, ""), .optional("note", .string, ""),
        ])

    /// Every metric of every plugin for a simulation's outcomes.
    ///
    /// - Throws: `HostError` that names the plugin and the metric where it fails or returns something else.
    func metrics(of outcomes: Frame, on host: Host) async throws -> [Document.Metric] {
        var metrics: [Document.Metric] = []
        for plugin in try await providers(of: "metrics", on: host) {
            for part in plugin.parts("metrics") {
                metrics.append(try await metric(part, of: plugin, for: outcomes))
            }
        }
        return metrics
    }

    private func metric(
        _ part: Plugin.Part, of plugin: Plugin, for outcomes: Frame
    ) async throws -> Document.Metric {
        let place = "plugin \(plugin.manifest.name), metric \(part.name)"
        guard let compute = part.function("compute") else {
            throw HostError(.plugin, "\(place): compute must be a function")
        }
        let value = try await plugin.call(compute, [.object(outcomes)], in: place)
        var metric = Document.Metric(name: part.name)
        metric.label = part.text("label")
        metric.unit = part.text("unit")
        metric.errors = try Self.errors(in: outcomes)
        if let number = value.numberValue, number.isFinite {
            (metric.value, metric.n) = (number, outcomes.count)
        } else if let result = value.table {
            let parameter = Parameter.required("its result", Self.result, "")
            try ArgumentCheck(function: place).check(value, against: parameter, place: "its result")
            metric.take(result)
        } else if !value.isAbsent {
            throw HostError(
                .plugin,
                "\(place) must return a finite number, a table or nil, got \(ArgumentCheck.display(value))")
        } else {
            metric.n = 0
        }
        return metric
    }

    /// The runs in which the agent failed; one that somebody cancelled says nothing.
    private static func errors(in outcomes: Frame) throws -> Int {
        let status = try outcomes.column("status")
        let failed: Set<Value> = [.text(OutcomeStatus.error.rawValue), .text(OutcomeStatus.timeout.rawValue)]
        return (0..<outcomes.count).count { failed.contains(status[$0]) }
    }
}

extension Document.Metric {
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
