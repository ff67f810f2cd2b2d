/// Durations as people write them: "90s", "15m", "24h", "7d", "2w", also "1h30m".
enum DurationText {
    /// The seconds that the text stands for.
    ///
    /// - Throws: `HostError` with code `argument` where it is something else.
    static func seconds(_ text: String, function: String, parameter: String) throws -> Double {
        let units: [Substring: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]
        var total = 0.0
        var rest = text[...]
        while let match = rest.prefixMatch(of: /\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|[smhdw])\s*/),
            let number = Double(match.1), let unit = units[match.2]
        {
            total += number * unit
            rest = rest[match.range.upperBound...]
        }
        guard rest.isEmpty, !text.isEmpty else {
            throw HostError(
                .argument,
                "\(function): \(parameter) must be seconds or a text such as \"24h\", got \"\(text)\"",
                advice: "Units are ms, s, m, h, d and w: \"90s\", \"1h30m\", \"7d\".")
        }
        return total
    }
}
