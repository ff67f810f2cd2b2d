import FoundationEssentials
import LuaBridge
import Synchronization

/// The file that an importer's `read` gets.
final class ImportSource: HostObject {
    static let typeName = "Source"
    let name: String
    let options: [String: String]
    let contents: Data
    private let reader: Mutex<RecordReader>

    init(path: String, contents: Data, options: [String: String]) {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        name = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        self.options = options
        self.contents = contents
        reader = Mutex(RecordReader(contents))
    }

    static let type = HostType(
        typeName,
        methods: [
            // The next record and its place; `records` in library.lua makes an iterator of it.
            .immediate("next_record") { call in
                let source = try call.object(0, as: ImportSource.self)
                let record = try source.reader.withLock { try $0.next() }
                return record.map { [$0.value, .string($0.place)] } ?? [.nil]
            },
            .immediate("text") { call in
                let source = try call.object(0, as: ImportSource.self)
                guard let text = String(validating: source.contents, as: UTF8.self) else {
                    throw HostError(.input, "the file is not valid UTF-8")
                }
                return [.string(text)]
            },
        ],
        index: { call in
            let source = try call.object(0, as: ImportSource.self)
            switch call[1].stringValue {
            case "name": return [.string(source.name)]
            case "options":
                let fields = source.options.sorted { $0.key < $1.key }
                    .map { LuaTable.Field($0.key, .string($0.value)) }
                return [.table(LuaTable(fields: fields, kind: .object))]
            default:
                throw HostError(
                    .argument, "a source has no field \(ArgumentCheck.display(call[1]))",
                    advice: "It has name, options, text() and records().")
            }
        })
}
