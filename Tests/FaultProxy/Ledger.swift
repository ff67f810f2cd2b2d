/// What callers were told of what they asked to be kept, by its id, to be compared with what is there.
public struct Ledger: Sendable {
    /// What a caller was told.
    public enum Answer: Sendable, Hashable {
        /// It is in the database.
        case recorded
        /// It is on the disk, and goes to the database later.
        case spooled
        /// An error, of that kind: it may be there or not.
        case failed(String)
    }

    /// How many of each there are.
    public struct Balance: Sendable, Hashable {
        /// What was asked for.
        public var asked = 0
        /// What was told to be kept, in the database or in the spool.
        public var told = 0
        /// Of that, what was told to be in the spool.
        public var spooled = 0
        /// What was there in the end.
        public var found = 0
        /// What is there more than once: rows in excess.
        public var doubled = 0
        /// What was told to be kept and isn't there.
        public var lost = 0
        /// What failed and is there nevertheless.
        public var failedButFound = 0
        /// What failed, by the kind of error.
        public var errors: [String: Int] = [:]
        /// What is there that nobody asked for.
        public var strange = 0

        /// Whether all that was told is there, once.
        public var isEven: Bool { doubled == 0 && lost == 0 && strange == 0 }
    }

    private var answers: [String: Answer] = [:]

    /// A ledger without entries.
    public init() {}

    /// How many answers are in it.
    public var count: Int { answers.count }

    /// A caller was told this of what has that id.
    public mutating func enter(_ id: String, _ answer: Answer) {
        let before = answers.updateValue(answer, forKey: id)
        precondition(before == nil, "each id is asked for once")
    }

    /// The answers against the ids of what is there, one for each row.
    public func balance(found rows: some Sequence<String>) -> Balance {
        var balance = Balance()
        var there: Set<String> = []
        for id in rows where !there.insert(id).inserted { balance.doubled += 1 }
        balance.asked = answers.count
        balance.found = there.count
        balance.strange = there.count { answers[$0] == nil }
        for (id, answer) in answers {
            switch answer {
            case .recorded, .spooled:
                balance.told += 1
                if answer == .spooled { balance.spooled += 1 }
                if !there.contains(id) { balance.lost += 1 }
            case .failed(let kind):
                balance.errors[kind, default: 0] += 1
                if there.contains(id) { balance.failedButFound += 1 }
            }
        }
        return balance
    }

    /// The ids of what was told to be kept and isn't there, for whoever looks for the reason.
    public func lost(found rows: some Sequence<String>) -> [String] {
        let there = Set(rows)
        return answers.filter { id, answer in
            if case .failed = answer { false } else { !there.contains(id) }
        }.map(\.key).sorted()
    }
}

extension Ledger.Balance: CustomStringConvertible {
    /// A line for each figure.
    public var description: String {
        let failed = errors.values.reduce(0, +)
        let kinds = errors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return """
            asked     \(asked)
            told      \(told)  (recorded \(told - spooled), spooled \(spooled))
            errors    \(failed)\(kinds.isEmpty ? "" : "  (\(kinds.joined(separator: ", ")))")
            found     \(found)  (of these, \(failedButFound) whose caller got an error)
            doubled   \(doubled)
            lost      \(lost)
            """ + (strange == 0 ? "" : "\nstrange   \(strange)")
    }
}
