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

    /// The next record and its place; nil after the last.
    func nextRecord() throws -> (value: LuaValue, place: String)? {
        try reader.withLock { try $0.next() }
    }

    /// The whole file.
    ///
    /// - Throws: `HostError` with code `input` where it isn't UTF-8.
    func text() throws -> String {
        guard let text = String(validating: contents, as: UTF8.self) else {
            throw HostError(.input, "the file is not valid UTF-8")
        }
        return text
    }
}
