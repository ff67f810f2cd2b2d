/// What TAB does: it inserts as much as all candidates share, and lists them when pressed again.
struct CompletionState {
    enum Action: Equatable {
        /// Removes so many Unicode scalars before the cursor, and inserts a text.
        case replace(scalars: Int, with: String)
        case list([String])
        case beep
    }

    private struct Input: Equatable {
        var text: String
        var cursor: Int
    }

    private enum Phase: Equatable {
        /// → ``ambiguous(_:)``
        case idle
        /// TAB left several candidates, and this input. → ``idle``, itself
        case ambiguous(Input)
    }

    private var phase = Phase.idle

    /// Another input begins.
    mutating func reset() {
        phase = .idle
    }

    /// TAB was pressed, with the input as given; the cursor in bytes of UTF-8. Every fragment is
    /// the end of the text before the cursor.
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
            phase = fitting.count == 1 ? .idle : .ambiguous(completed(text, cursor, first.fragment, common))
            return .replace(scalars: first.fragment.unicodeScalars.count, with: common)
        }
        if fitting.count == 1 { return .beep }
        let here = Phase.ambiguous(Input(text: text, cursor: cursor))
        defer { phase = here }
        return phase == here ? .list(fitting.map(\.label)) : .beep
    }

    /// The input after a fragment before the cursor was replaced.
    private func completed(_ text: String, _ cursor: Int, _ fragment: String, _ replacement: String) -> Input
    {
        let bytes = Array(text.utf8)
        let kept = bytes[..<(cursor - fragment.utf8.count)] + Array(replacement.utf8)
        return Input(text: String(decoding: kept + bytes[cursor...], as: UTF8.self), cursor: kept.count)
    }
}

extension String {
    /// The longest beginning that two strings share.
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
