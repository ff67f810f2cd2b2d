import Foundation
import FoundationXML

/// An element of XML.
final class XMLTree {
    let name: String
    let attributes: [String: String]
    var children: [XMLTree] = []
    var text = ""

    init(_ name: String, _ attributes: [String: String] = [:]) {
        self.name = name
        self.attributes = attributes
    }

    /// The root's element; nil where the text isn't well-formed.
    static func parse(_ text: String) -> XMLTree? {
        let reader = Reader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        return parser.parse() ? reader.root.children.first : nil
    }

    func all(_ name: String) -> [XMLTree] {
        (self.name == name ? [self] : []) + children.flatMap { $0.all(name) }
    }

    private final class Reader: NSObject, XMLParserDelegate {
        let root = XMLTree("")
        private lazy var open = [root]

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            let element = XMLTree(name, attributes)
            open.last?.children.append(element)
            open.append(element)
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) { open.removeLast() }

        func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }
    }
}

/// The rules of the schema by which Jenkins' xUnit plugin takes results (junit-10.xsd), and those beyond it that readers of
/// JUnit files count on.
enum JUnitRules {
    private struct Rule {
        var children: Set<String> = []
        var required: Set<String> = []
        var optional: Set<String> = []
        var hasText = false
    }

    private static let rules: [String: Rule] = [
        "testsuites": Rule(
            children: ["testsuite"], optional: ["name", "time", "tests", "failures", "errors"]),
        "testsuite": Rule(
            children: ["testsuite", "properties", "testcase", "system-out", "system-err"],
            required: ["name", "tests", "failures", "errors"],
            optional: [
                "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url",
            ]),
        "properties": Rule(children: ["property"]), "property": Rule(required: ["name", "value"]),
        "testcase": Rule(
            children: ["skipped", "error", "failure", "system-out", "system-err"], required: ["name"],
            optional: ["time", "classname", "group"]),
        "skipped": Rule(optional: ["type", "message"], hasText: true),
        "error": Rule(optional: ["type", "message"], hasText: true),
        "failure": Rule(optional: ["type", "message"], hasText: true), "system-out": Rule(hasText: true),
        "system-err": Rule(hasText: true),
    ]

    /// What is wrong with a file; nothing where it is as it must be.
    static func faults(of text: String) -> [String] {
        guard let root = XMLTree.parse(text) else { return ["it isn't well-formed"] }
        guard root.name == "testsuites" else { return ["its root is \(root.name)"] }
        return faults(of: root) + countFaults(of: root) + root.all("testsuite").flatMap(countFaults)
    }

    private static func faults(of element: XMLTree) -> [String] {
        guard let rule = rules[element.name] else { return ["there is no element \(element.name)"] }
        var faults: [String] = []
        let names = Set(element.attributes.keys)
        faults += rule.required.subtracting(names).map { "\(element.name) has no \($0)" }
        faults += names.subtracting(rule.required).subtracting(rule.optional).map {
            "\(element.name) has \($0)"
        }
        if !rule.hasText, element.text.contains(where: { !$0.isWhitespace }) {
            faults.append("\(element.name) has text")
        }
        // The type SUREFIRE_TIME.
        if let time = element.attributes["time"], element.name != "testcase",
            time.wholeMatch(of: /(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?/) == nil
        {
            faults.append("\(element.name) took \(time)")
        }
        for child in element.children where !rule.children.contains(child.name) {
            faults.append("\(element.name) holds \(child.name)")
        }
        if element.name == "testcase" {
            let results = element.children.count { ["skipped", "error", "failure"].contains($0.name) }
            if results > 1 { faults.append("a case has \(results) results") }
            if let time = element.attributes["time"], Double(time) == nil { faults.append("it took \(time)") }
        }
        return faults + element.children.flatMap(Self.faults)
    }

    /// Counts say what there is.
    private static func countFaults(of suite: XMLTree) -> [String] {
        let cases = suite.all("testcase")
        return [
            ("tests", cases.count), ("failures", suite.all("failure").count),
            ("errors", suite.all("error").count),
        ]
        .compactMap { name, count in
            suite.attributes[name] == String(count) ? nil : "\(suite.name) has \(count) \(name)"
        }
    }
}
