import ArcKit

extension PluginTestReport {
    /// A line for each test and, below one that failed, why.
    public var text: String {
        var out = ""
        for result in results {
            out += "\(result.failure == nil ? "✓" : "✗") \(VisibleText.line(result.name))\n"
            if let failure = result.failure {
                let place = result.place.map { "\($0): " } ?? ""
                for line in (place + failure).split(separator: "\n") {
                    out += "    \(VisibleText.line(String(line)))\n"
                }
            }
        }
        let passed = results.count - failures
        return out + "\(plugin): \(passed) passed, \(failures) failed\n"
    }

    /// Reports as TAP 14 (https://testanything.org).
    public static func tap(_ reports: [PluginTestReport]) -> String {
        let results = reports.flatMap { report in report.results.map { (report.plugin, $0) } }
        var out = "TAP version 14\n1..\(results.count)\n"
        for (index, (plugin, result)) in results.enumerated() {
            let name = VisibleText.line("\(plugin): \(result.name)").replacing("\\", with: "\\\\")
                .replacing("#", with: "\\#")
            out += "\(result.failure == nil ? "ok" : "not ok") \(index + 1) - \(name)\n"
            guard let failure = result.failure else { continue }
            out += "  ---\n  message: \(JSONValue.string(failure).text)\n"
            if let place = result.place { out += "  at: \(JSONValue.string(place).text)\n" }
            out += "  ...\n"
        }
        return out
    }

    /// Reports as JUnit's XML, of the form that Jenkins's junit-10.xsd says.
    public static func junit(_ reports: [PluginTestReport]) -> String {
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for report in reports {
            out +=
                "  <testsuite name=\"\(XMLText.attribute(report.plugin))\" tests=\"\(report.results.count)\" "
            out += "failures=\"\(report.failures)\" errors=\"0\">\n"
            for result in report.results {
                out += "    <testcase classname=\"\(XMLText.attribute(report.plugin))\" "
                out += "name=\"\(XMLText.attribute(result.name))\" "
                out += "time=\"\(Figure.fixed(result.seconds, decimals: 3))\""
                guard let failure = result.failure else {
                    out += "/>\n"
                    continue
                }
                let place = result.place.map { "\($0): " } ?? ""
                out += ">\n      <failure message=\"\(XMLText.attribute(failure))\">"
                out += XMLText.content(place + failure) + "</failure>\n    </testcase>\n"
            }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }
}
