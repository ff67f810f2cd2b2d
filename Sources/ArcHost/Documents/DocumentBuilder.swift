import LuaBridge
import Synchronization

/// The `doc` of a report's `render`.
final class DocumentBuilder: HostObject {
    static let typeName = "Document"
    private let contents: Mutex<Document>

    init(_ document: Document) { contents = Mutex(document) }

    /// What was written so far.
    var document: Document { contents.withLock { $0 } }

    func add(_ block: Document.Block) { contents.withLock { $0.add(block) } }

    func setTitle(_ title: String) { contents.withLock { $0.title = title } }

    func addHeading(_ heading: String, level: Int) {
        contents.withLock { $0.addHeading(heading, level: level) }
    }
}
