/// Where in the history an input stands while it is edited.
///
/// Entries changed on the way keep their changes until the input is submitted, as in other shells.
struct HistoryState {
    private enum Position: Equatable {
        /// The new input. → ``entry(_:)``
        case draft
        /// An entry, by its index. → itself with another index, ``draft``
        case entry(Int)
    }

    /// The inputs, oldest first.
    private(set) var entries: [String]
    private var position = Position.draft
    private var draft = ""
    private var edited: [Int: String] = [:]
    /// What the entries begin with among which a search moves, and what the search showed last.
    private var search: (prefix: String, shown: String)?

    init(entries: [String] = []) {
        self.entries = entries
    }

    /// Takes up a submitted input, and begins another. Returns whether the input became an entry: an empty one,
    /// one that begins with a space, and a repetition of the last don't.
    mutating func submit(_ input: String) -> Bool {
        reset()
        guard HistoryState.keeps(input), input != entries.last else { return false }
        entries.append(input)
        return true
    }

    /// Begins another input without one being submitted.
    mutating func reset() {
        position = .draft
        draft = ""
        edited = [:]
        search = nil
    }

    /// Whether an input may become an entry. A leading space says that it shall not.
    static func keeps(_ input: String) -> Bool {
        input.first != " " && input.contains { !$0.isWhitespace }
    }

    /// The text to show for the entry before this one. Nil where there is none.
    mutating func older(than text: String) -> String? {
        search = nil
        return move(from: text, through: stride(from: start(text) - 1, through: 0, by: -1)) { _ in true }
    }

    /// The text to show for the entry after this one; after the newest comes the new input. Nil at that.
    mutating func newer(than text: String) -> String? {
        search = nil
        guard case .entry(let index) = position else { return nil }
        return move(from: text, through: stride(from: index + 1, through: entries.count, by: 1)) { _ in true }
    }

    /// The same as ``older(than:)`` among the entries that begin with a text, in which the search began.
    mutating func older(than text: String, beginningWith prefix: String) -> String? {
        find(text, prefix) { state in stride(from: state.start(text) - 1, through: 0, by: -1) }
    }

    /// The same as ``newer(than:)`` among the entries that begin with a text, in which the search began.
    mutating func newer(than text: String, beginningWith prefix: String) -> String? {
        guard case .entry(let index) = position else { return nil }
        return find(text, prefix) { state in stride(from: index + 1, through: state.entries.count, by: 1) }
    }

    /// The index to move from. A text that is an entry without having been reached by moving was found by
    /// libedit's own search (Ctrl-R): one goes on from there.
    private func start(_ text: String) -> Int {
        switch position {
        case .entry(let index): index
        case .draft: text.isEmpty ? entries.count : entries.lastIndex(of: text) ?? entries.count
        }
    }

    private mutating func find(
        _ text: String, _ prefix: String, along path: (HistoryState) -> StrideThrough<Int>
    ) -> String? {
        // A text that the search itself showed goes on searching for what it began with.
        let wanted = search?.shown == text ? search?.prefix ?? prefix : prefix
        let found = move(from: text, through: path(self)) { $0.hasPrefix(wanted) && $0 != text }
        if let found { search = (wanted, found) }
        return found
    }

    private mutating func move(
        from text: String, through path: StrideThrough<Int>, where matches: (String) -> Bool
    ) -> String? {
        for index in path {
            let candidate = index == entries.count ? draft : edited[index] ?? entries[index]
            guard index == entries.count || matches(candidate) else { continue }
            switch position {
            case .draft: draft = text
            case .entry(let left): edited[left] = text == entries[left] ? nil : text
            }
            position = index == entries.count ? .draft : .entry(index)
            return candidate
        }
        return nil
    }
}
