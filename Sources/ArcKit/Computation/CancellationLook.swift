/// Looks now and then whether the task was cancelled, so that the look costs a loop nothing.
struct CancellationLook {
    /// How much work lies between two looks: some hundred microseconds' worth of additions.
    private static let interval = 1 << 17
    private var left = Self.interval

    /// Some of the loop's work is done; true where the rest is of no use any more.
    mutating func isTimeToStop(after work: Int) -> Bool {
        left -= work
        guard left <= 0 else { return false }
        left = Self.interval
        return Task.isCancelled
    }
}
