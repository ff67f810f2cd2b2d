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

    init(_ document: Document, root: DocumentBuilder? = nil) {
        contents = Mutex(Contents(document: document))
        self.root = root
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

    func add(_ block: Document.Block) { contents.withLock { $0.document.add(block) } }

    func setTitle(_ title: String) {
        if let root { return root.setTitle(title) }
        contents.withLock { $0.document.title = title }
    }

    func addHeading(_ heading: String, level: Int) {
        contents.withLock { $0.document.addHeading(heading, level: level) }
    }

    /// Adds a block that a reader unfolds, and returns what writes into it.
    func addDetails(_ summary: String) -> DocumentBuilder {
        let builder = DocumentBuilder(Document(report: "", title: ""), root: root ?? self)
        contents.withLock { contents in
            contents.document.add(.details(Document.Details(summary: summary, sections: [])))
            let section = contents.document.sections.count - 1
            let block = contents.document.sections[section].blocks.count - 1
            contents.details.append((section, block, builder))
        }
        return builder
    }
}
