public import ArcKit
public import Postgres

/// A report before it has a format. Every format is made from this one structure, so that all agree.
public struct Document: Sendable {
    /// A part of a section, in the order given.
    public enum Block: Sendable {
        /// A paragraph.
        case text(String)
        /// A key figure.
        case metric(Metric)
        /// A table.
        case table(TableBlock)
        /// A chart.
        case chart(Chart)
        /// A gate.
        case gate(Gate)
        /// Cases that follow one another.
        case cases([Case])
        /// What is folded away.
        case details(Details)
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

    /// A block that a reader unfolds: one line says what is in it.
    public struct Details: Sendable {
        /// The line.
        public var summary: String
        /// What it hides.
        public var sections: [Section]
    }

    /// A simulation that the document is about.
    public struct Simulation: Sendable, Hashable {
        /// Which part it has: "simulation", "baseline", "candidate".
        public var role: String
        /// Its id.
        public var id: String
        /// Its name, where it has one.
        public var name: String?
    }

    /// What a plugin left out because it failed.
    public struct Missing: Sendable, Hashable {
        /// Who: "plugin x, metric y".
        public var source: String
        /// Why.
        public var reason: String
    }

    /// The report's name.
    public var report: String
    /// The title.
    public var title: String
    /// What it is about.
    public var simulations: [Simulation] = []
    /// When it was made.
    public var madeAt: Timestamp?
    /// The arc that made it.
    public var version: String?
    /// What failed, and so isn't in it.
    public var missing: [Missing] = []
    /// The sections in order.
    public var sections: [Section] = []

    /// An empty document.
    public init(report: String, title: String) {
        self.report = report
        self.title = title
    }

    /// Begins a section.
    public mutating func addHeading(_ heading: String, level: Int = 1) {
        sections.addHeading(heading, level: level)
    }

    /// Adds a block to the last section.
    public mutating func add(_ block: Block) { sections.add(block) }

    /// Every block in order, those in details too, which come after the block that holds them.
    public var blocks: [Block] { sections.allBlocks }

    /// Every key figure in order.
    public var metrics: [Metric] { blocks.compactMap { if case .metric(let it) = $0 { it } else { nil } } }
    /// Every table in order.
    public var tables: [TableBlock] { blocks.compactMap { if case .table(let it) = $0 { it } else { nil } } }
    /// Every chart in order.
    public var charts: [Chart] { blocks.compactMap { if case .chart(let it) = $0 { it } else { nil } } }
    /// Every gate in order.
    public var gates: [Gate] { blocks.compactMap { if case .gate(let it) = $0 { it } else { nil } } }
    /// Every case in order.
    public var cases: [Case] { blocks.flatMap { if case .cases(let them) = $0 { them } else { [Case]() } } }

    /// What its gates say together: one that failed weighs more than one that can't tell. Nil without gates, and where all
    /// that are there passed but something is missing: nobody knows what that would have said.
    public var verdict: Gate.Verdict? {
        let together = gates.isEmpty ? nil : gates.map(\.verdict).together
        return together == .pass && !missing.isEmpty ? nil : together
    }
}

extension [Document.Section] {
    mutating func addHeading(_ heading: String, level: Int) {
        append(Document.Section(heading: heading, level: level, blocks: []))
    }

    /// Adds a block to the last section; cases join the cases before them.
    mutating func add(_ block: Document.Block) {
        if isEmpty { append(Document.Section(heading: nil, level: 1, blocks: [])) }
        let last = count - 1
        if case .cases(let more) = block, case .cases(var cases) = self[last].blocks.last {
            // The array's only owner may grow in place.
            self[last].blocks.removeLast()
            cases += more
            self[last].blocks.append(.cases(cases))
        } else {
            self[last].blocks.append(block)
        }
    }

    var allBlocks: [Document.Block] {
        flatMap { section in
            section.blocks.flatMap { block in
                if case .details(let details) = block {
                    [block] + details.sections.allBlocks
                } else {
                    [block]
                }
            }
        }
    }
}
