import ArcKit
import Postgres

extension Document {
    /// Writes the document's cases and gates as JUnit XML, as Jenkins' xUnit plugin takes it (junit-10.xsd): a suite for the
    /// cases, one for the gates, and one for what is missing, each where there is any.
    ///
    /// A gate that nobody can tell is an error: a reader that knows no third word must not take it for passed.
    public func writeJUnit(to output: inout some TextOutputStream) {
        let suites = [caseSuite, gateSuite, missingSuite].compactMap(\.self)
        let all = suites.flatMap(\.tests)
        output.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        output.write(
            "<testsuites name=\"\(XMLText.attribute(title))\"\(JUnitSuite.counts(all, skipped: false))>\n")
        for suite in suites { suite.write(to: &output, properties: properties, timestamp: timestamp) }
        output.write("</testsuites>\n")
    }

    private var caseSuite: JUnitSuite? {
        // A document without any test would be taken for a broken file.
        guard !cases.isEmpty || (gates.isEmpty && missing.isEmpty) else { return nil }
        return JUnitSuite(
            name: report,
            tests: cases.map { found in
                var test = JUnitTest(name: found.title, result: .passed, seconds: found.seconds)
                test.message = found.message
                test.body = found.details
                test.result =
                    switch found.outcome {
                    case .passed: .passed
                    case .failed: .failure
                    case .error: .error
                    case .skipped: .skipped
                    }
                return test
            })
    }

    private var gateSuite: JUnitSuite? {
        guard !gates.isEmpty else { return nil }
        return JUnitSuite(
            name: "\(report).gates",
            tests: gates.map { gate in
                var test = JUnitTest(name: gate.name, result: .passed)
                test.message = gate.verdict == .tooLittleEvidence ? gate.sentence : gate.reason
                test.body = gate.exactFigures
                test.type = gate.verdict.rawValue
                test.result =
                    switch gate.verdict {
                    case .pass: .passed
                    case .fail: .failure
                    case .tooLittleEvidence: .error
                    }
                return test
            })
    }

    private var missingSuite: JUnitSuite? {
        guard !missing.isEmpty else { return nil }
        return JUnitSuite(
            name: "\(report).missing",
            tests: missing.map {
                JUnitTest(name: $0.source, result: .error, message: $0.reason, type: "missing")
            })
    }

    /// What every suite says of the document.
    private var properties: [(String, String)] {
        let simulations = simulations.flatMap { simulation in
            [(simulation.role, simulation.id)]
                + (simulation.name.map { [("\(simulation.role).name", $0)] } ?? [])
        }
        let figures = metrics.compactMap { metric in
            metric.value.map { ("metric.\(metric.name)", $0.description) }
        }
        return [("title", title)] + (version.map { [("arc", $0)] } ?? []) + simulations + figures
    }

    /// By ISO 8601, in UTC, without a zone, as Ant writes it.
    private var timestamp: String? {
        madeAt.map { String($0.description.prefix(19)).replacing(" ", with: "T") }
    }
}

extension Document.Gate {
    /// Its figures with every digit, one a line; nil without any.
    fileprivate var exactFigures: String? {
        let figures = Self.quantities.compactMap { figure in
            self[keyPath: figure.path].map { "\(figure.name) = \($0.description)" }
        }
        let texts = [metric.map { "metric = \($0)" }, unit.map { "unit = \($0)" }, n.map { "n = \($0)" }]
        let lines = texts.compactMap(\.self) + figures
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}

/// A test case of JUnit's: never both failed and in error.
private struct JUnitTest {
    enum Result: String { case passed, failure, error, skipped }
    var name: String
    var result: Result
    var seconds: Double?
    var message: String?
    var body: String?
    var type: String?
}

private struct JUnitSuite {
    var name: String
    var tests: [JUnitTest]

    /// The counts as attributes.
    static func counts(_ tests: [JUnitTest], skipped: Bool) -> String {
        func count(_ result: JUnitTest.Result) -> Int { tests.count { $0.result == result } }
        let time = tests.compactMap(\.seconds).reduce(0, +).plainDigits ?? "0"
        let counts = "tests=\"\(tests.count)\" failures=\"\(count(.failure))\" errors=\"\(count(.error))\""
        return " \(counts)\(skipped ? " skipped=\"\(count(.skipped))\"" : "") time=\"\(time)\""
    }

    func write(
        to output: inout some TextOutputStream, properties: [(String, String)], timestamp: String?
    ) {
        let made = timestamp.map { " timestamp=\"\(XMLText.attribute($0))\"" } ?? ""
        let suite = XMLText.attribute(name)
        output.write(
            "  <testsuite name=\"\(suite)\"\(Self.counts(tests, skipped: true))\(made)>\n    <properties>\n")
        for (name, value) in properties {
            output.write(
                "      <property name=\"\(XMLText.attribute(name))\" value=\"\(XMLText.attribute(value))\"/>\n"
            )
        }
        output.write("    </properties>\n")
        for test in tests { Self.write(test, suite, to: &output) }
        output.write("  </testsuite>\n")
    }

    private static func write(_ test: JUnitTest, _ suite: String, to output: inout some TextOutputStream) {
        var line = "    <testcase classname=\"\(suite)\" name=\"\(XMLText.attribute(test.name))\""
        if let time = test.seconds?.plainDigits { line += " time=\"\(time)\"" }
        guard test.result != .passed || test.body != nil else { return output.write(line + "/>\n") }
        line += ">"
        if test.result == .passed {
            line += "<system-out>\(XMLText.content(test.body ?? ""))</system-out>"
        } else {
            let element = test.result.rawValue
            let message = test.message.map { " message=\"\(XMLText.attribute($0))\"" } ?? ""
            line += "<\(element) type=\"\(XMLText.attribute(test.type ?? element))\"\(message)"
            line += test.body.map { ">\(XMLText.content($0))</\(element)>" } ?? "/>"
        }
        output.write(line + "</testcase>\n")
    }
}

/// Text within XML 1.0.
enum XMLText {
    /// A text in a quoted attribute; line ends and tabs stay what they are.
    static func attribute(_ text: String) -> String { escaped(text, inAttribute: true) }

    /// A text in an element.
    static func content(_ text: String) -> String { escaped(text, inAttribute: false) }

    /// Nothing in it is markup. What XML can't hold, what a terminal would act on, and what reorders or hides text is left
    /// out.
    private static func escaped(_ text: String, inAttribute: Bool) -> String {
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && !($0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22)
        }
        if isPlain { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t": escaped += inAttribute ? "&#\(scalar.value);" : String(scalar)
            default:
                // U+FFFE and U+FFFF are no characters of XML (Extensible Markup Language 1.0, section 2.2).
                guard !VisibleText.isHidden(scalar), scalar.value != 0xFFFE, scalar.value != 0xFFFF else {
                    continue
                }
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
