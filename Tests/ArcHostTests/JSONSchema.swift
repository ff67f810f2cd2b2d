import Foundation
import Testing

/// As much of JSON Schema as docs/schemas has; a field that no schema describes is a fault too.
struct JSONSchema {
    private let root: [String: Any]

    /// The schema of that file of docs/schemas.
    init(_ file: String) throws {
        let path = TestHost.package + "/docs/schemas/" + file
        let value = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
        root = try #require(value as? [String: Any])
    }

    /// What is wrong with a JSON text.
    func faults(of text: String) throws -> [String] {
        faults(of: try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    /// What is wrong with a value of JSONSerialization's.
    func faults(of value: Any) -> [String] { faults(of: value, root, "$") }

    private func faults(of value: Any, _ schema: [String: Any], _ place: String) -> [String] {
        if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last,
            let target = (root["$defs"] as? [String: Any])?[String(name)] as? [String: Any]
        {
            return faults(of: value, target, place)
        }
        if let choices = schema["oneOf"] as? [[String: Any]] {
            let found = choices.map { choice in self.faults(of: value, choice, place) }
            let fitting = found.filter { $0.isEmpty }.count
            if fitting == 1 { return [] }
            let nearest = found.min { $0.count < $1.count } ?? []
            return ["\(place) fits \(fitting) of \(choices.count)"] + nearest
        }
        if let constant = schema["const"] {
            return "\(constant)" == "\(value)" ? [] : ["\(place): \(value)"]
        }
        if let choices = schema["enum"] as? [Any] {
            return choices.contains { "\($0)" == "\(value)" } ? [] : ["\(place): \(value)"]
        }
        let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] } ?? []
        guard types.isEmpty || types.contains(where: { Self.isOf($0, value) }) else {
            return ["\(place) isn't \(types)"]
        }
        var faults: [String] = []
        if let number = value as? Double, let minimum = schema["minimum"] as? Double, number < minimum {
            faults.append("\(place) is \(number)")
        }
        if let object = value as? [String: Any], !types.isEmpty {
            faults += self.faults(of: object, schema, place)
        }
        if let items = value as? [Any], let schema = schema["items"] as? [String: Any] {
            for (index, item) in items.enumerated() {
                faults += self.faults(of: item, schema, "\(place)[\(index)]")
            }
        }
        return faults
    }

    private func faults(of object: [String: Any], _ schema: [String: Any], _ place: String) -> [String] {
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        var faults: [String] = []
        for name in schema["required"] as? [String] ?? [] where object[name] == nil {
            faults.append("\(place).\(name) is missing")
        }
        for (name, member) in object {
            guard let property = properties[name] ?? schema["additionalProperties"] as? [String: Any] else {
                faults.append("\(place).\(name) isn't described")
                continue
            }
            faults += self.faults(of: member, property, "\(place).\(name)")
        }
        return faults
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "null": return value is NSNull
        case "object": return value is [String: Any]
        case "array": return value is [Any]
        case "string": return value is String
        case "boolean": return (value as? NSNumber).map { isBoolean($0) } ?? false
        case "integer":
            guard let number = value as? NSNumber, !isBoolean(number) else { return false }
            return number.doubleValue == number.doubleValue.rounded()
        default: return (value as? NSNumber).map { !isBoolean($0) } ?? false
        }
    }

    private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
