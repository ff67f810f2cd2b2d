/// A report before it has a format. Every format is made from this one structure, so that all agree.
public struct Document: Sendable {
    /// A key figure.
    public struct Metric: Sendable, Hashable {
        /// Its name, `[a-z][a-z0-9_]*`.
        public var name: String
        /// What it is called in text; the name where nil.
        public var label: String?
        /// Its value; nil where it isn't known.
        public var value: Double?
        /// Its unit: "ratio", "score", "usd", "ms", "tokens", "runs", …
        public var unit: String?
        /// How many observations it rests on.
        public var n: Int?
        /// How many runs failed and so have no part in it, or count against it.
        public var errors: Int?
        /// Its standard error.
        public var standardError: Double?
        /// The lower end of its 95 % interval.
        public var low: Double?
        /// The upper end.
        public var high: Double?
        /// How the value and the interval were made.
        public var method: String?
        /// What must be known to read it, such as why it is missing.
        public var note: String?

        /// A figure that isn't known yet.
        public init(name: String) { self.name = name }
    }

    /// A table: named columns and rows of values.
    public struct TableBlock: Sendable {
        /// Its name, unique in the document.
        public var name: String
        /// A line above it.
        public var title: String?
        /// Its data.
        public var data: Table
    }

    /// A condition that the simulation must meet.
    public struct Gate: Sendable, Hashable {
        /// What a gate says.
        public enum Verdict: String, Sendable {
            /// The condition holds.
            case pass
            /// It doesn't: the command ends with exit code 3.
            case fail
            /// Nobody can tell: exit code 4.
            case tooLittleEvidence = "too little evidence"
        }
        /// Its name.
        public var name: String
        /// What it says.
        public var verdict: Verdict
        /// Why.
        public var reason: String?
    }

    /// A part of a section, in the order given.
    public enum Block: Sendable {
        /// A paragraph.
        case text(String)
        /// A key figure.
        case metric(Metric)
        /// A table.
        case table(TableBlock)
        /// A gate.
        case gate(Gate)
    }

    /// A heading and what follows it. The first section of a document may have no heading.
    public struct Section: Sendable {
        /// The heading.
        public var heading: String?
        /// 1 for a section of the document, 2 for one within it, …
        public var level: Int
        /// What follows.
        public var blocks: [Block]
    }

    /// The report's name.
    public var report: String
    /// The title.
    public var title: String
    /// The sections in order.
    public var sections: [Section] = []

    /// An empty document.
    public init(report: String, title: String) {
        self.report = report
        self.title = title
    }

    /// Begins a section.
    public mutating func addHeading(_ heading: String, level: Int = 1) {
        sections.append(Section(heading: heading, level: level, blocks: []))
    }

    /// Adds a block to the last section.
    public mutating func add(_ block: Block) {
        if sections.isEmpty { sections.append(Section(heading: nil, level: 1, blocks: [])) }
        sections[sections.count - 1].blocks.append(block)
    }

    private var blocks: [Block] { sections.flatMap(\.blocks) }

    /// Every key figure in order.
    public var metrics: [Metric] { blocks.compactMap { if case .metric(let it) = $0 { it } else { nil } } }
    /// Every table in order.
    public var tables: [TableBlock] { blocks.compactMap { if case .table(let it) = $0 { it } else { nil } } }
    /// Every gate in order.
    public var gates: [Gate] { blocks.compactMap { if case .gate(let it) = $0 { it } else { nil } } }
}
