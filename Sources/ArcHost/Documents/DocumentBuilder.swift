import LuaBridge
import Synchronization

/// The `doc` of a report's `render`, or of what it folds away.
final class DocumentBuilder: HostObject {
    static let typeName = "Document"

    private struct Contents {
        var document: Document
        /// The builders of what is folded away, and where it stands.
        var details: [(section: Int, block: Int, builder: DocumentBuilder)] = []
    }

    private let contents: Mutex<Contents>
    /// Of what is folded away: the title is the whole document's.
    private let root: DocumentBuilder?
    private let room: DocumentRoom
    /// How many details it stands within.
    private let depth: Int

    /// What is folded away may itself fold something away, so deep. Formats and their readers descend into each.
    static let mostDepth = 16

    /// - Parameter limit: about how many bytes the document may hold.
    init(_ document: Document, limit: Int = 256 << 20) {
        contents = Mutex(Contents(document: document))
        root = nil
        room = DocumentRoom(limit: limit)
        depth = 0
    }

    private init(within outer: DocumentBuilder) {
        contents = Mutex(Contents(document: Document(report: "", title: "")))
        root = outer.root ?? outer
        room = outer.room
        depth = outer.depth + 1
    }

    /// What was written so far, with names of tables, charts and figures that occur once.
    var document: Document {
        var document = written
        document.makeNamesDistinct()
        return document
    }

    /// Whether anything was written, if only a heading.
    var hasContents: Bool { contents.withLock { !$0.document.sections.isEmpty } }

    private var written: Document {
        var (document, details) = contents.withLock { ($0.document, $0.details) }
        for part in details {
            guard case .details(var block) = document.sections[part.section].blocks[part.block] else {
                continue
            }
            block.sections = part.builder.written.sections
            document.sections[part.section].blocks[part.block] = .details(block)
        }
        return document
    }

    /// - Throws: `HostError` with code `argument` where the document would get too long, as all that add to it.
    func add(_ block: Document.Block) throws {
        try room.take(block.size)
        contents.withLock { $0.document.add(block) }
    }

    func setTitle(_ title: String) {
        if let root { return root.setTitle(title) }
        contents.withLock { $0.document.title = title }
    }

    func addHeading(_ heading: String, level: Int) throws {
        try room.take(128 + heading.utf8.count)
        contents.withLock { $0.document.addHeading(heading, level: level) }
    }

    /// Adds a block that a reader unfolds, and returns what writes into it.
    func addDetails(_ summary: String) throws -> DocumentBuilder {
        guard depth < Self.mostDepth else {
            throw HostError(.argument, "details stand within details at most \(Self.mostDepth) deep")
        }
        let block = Document.Block.details(Document.Details(summary: summary, sections: []))
        try room.take(block.size)
        let builder = DocumentBuilder(within: self)
        contents.withLock { contents in
            contents.document.add(block)
            let section = contents.document.sections.count - 1
            let block = contents.document.sections[section].blocks.count - 1
            contents.details.append((section, block, builder))
        }
        return builder
    }
}
