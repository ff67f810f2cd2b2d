/// What TAB does: it inserts as much as all candidates share, and lists them when pressed again.
struct CompletionState {
    enum Action: Equatable {
        /// Removes so many Unicode scalars before the cursor, and inserts a text.
        case replace(scalars: Int, with: String)
        case list([String])
        case beep
    }

    private enum Phase: Equatable {
        /// → ``ambiguous(text:cursor:)``
        case idle
        /// TAB found several candidates and could add nothing; the input was this. → ``idle``, or itself
        case ambiguous(text: String, cursor: Int)
    }

    private var phase = Phase.idle

    /// Another input begins.
    mutating func reset() {
        phase = .idle
    }

    /// TAB was pressed, with the input as given; the cursor in bytes of UTF-8.
    mutating func tab(text: String, cursor: Int, candidates: [Completion]) -> Action {
        guard let first = candidates.first else {
            phase = .idle
            return .beep
        }
        let fitting = candidates.filter { $0.fragment == first.fragment }
        let common = fitting.dropFirst().reduce(first.replacement) { $0.commonPrefix(with: $1.replacement) }
        // Case may be corrected on the way, so a replacement needn't begin with the fragment.
        let gains = fitting.count == 1 ? common != first.fragment : common.count > first.fragment.count
        if gains {
            phase = .idle
            return .replace(scalars: first.fragment.unicodeScalars.count, with: common)
        }
        if fitting.count == 1 { return .beep }
        let here = Phase.ambiguous(text: text, cursor: cursor)
        defer { phase = here }
        return phase == here ? .list(fitting.map(\.label)) : .beep
    }
}

extension String {
    /// The longest beginning that two strings share.
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
