internal import Synchronization

/// The bytes that a machine may still print.
final class OutputBudget: Sendable {
    private let limit: Int
    private let left: Atomic<Int>

    init(_ limit: Int) {
        self.limit = limit
        left = Atomic(limit)
    }

    /// Throws where fewer than that are left, now and ever after.
    func spend(_ bytes: Int) throws(LuaError) {
        guard left.subtract(bytes, ordering: .relaxed).newValue < 0 else { return }
        throw LuaError(
            .output, "print: more than \(limit) bytes were printed, which is the limit",
            advice: "print less, or raise the limit")
    }
}
