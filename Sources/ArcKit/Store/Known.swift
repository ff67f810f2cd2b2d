/// What a store remembers between sessions, so that recording needn't ask for it each time.
final class Known: Sendable {
    let days = KnownDays()
    let sets = KnownSets()
}
