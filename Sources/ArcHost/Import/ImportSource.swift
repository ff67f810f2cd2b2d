import FoundationEssentials
import LuaBridge
import Synchronization

/// The file that an importer's `read` gets.
final class ImportSource: HostObject {
    static let typeName = "Source"
    let name: String
    let options: [String: String]
    private let contents: FileContents
    private let reader: Mutex<(records: RecordReader, released: Int)>

    init(path: String, contents: FileContents, options: [String: String]) {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        name = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        self.options = options
        self.contents = contents
        reader = Mutex((RecordReader(contents.data), 0))
    }

    /// The next record and its place; nil after the last.
    func nextRecord() throws -> (value: LuaValue, place: String)? {
        try reader.withLock { reader in
            reader.released = contents.release(from: reader.released, to: reader.records.position)
            return try reader.records.next()
        }
    }

    /// The whole file.
    ///
    /// - Throws: `HostError` with code `input` where it isn't UTF-8.
    func text() throws -> String {
        guard let text = String(validating: contents.data, as: UTF8.self) else {
            throw HostError(.input, "the file is not valid UTF-8")
        }
        return text
    }
}
