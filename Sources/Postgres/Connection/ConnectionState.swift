/// Where a connection stands, as anyone may ask without waiting for it.
struct ConnectionState: Sendable {
    enum Phase: Sendable, Equatable {
        /// Not connected yet. → `open`, `closed`
        case opening
        /// Ready for commands. → `broken`, `closed`
        case open
        /// The server is gone, or doesn't react to being cancelled. → `closed`
        case broken
        /// Finished. Stays so.
        case closed
    }

    private(set) var phase = Phase.opening
    private(set) var transaction = TransactionStatus.idle
    /// Whether nobody but who has it now is to use it.
    private(set) var isRetired = false
    /// Whether somebody's own SQL ran in the session since it was as arc wants it.
    private(set) var isExposed = false

    mutating func opened() {
        if phase == .opening { phase = .open }
    }

    mutating func retire() { isRetired = true }

    mutating func expose() { isExposed = true }

    mutating func cleansed() { isExposed = false }

    mutating func observed(_ status: TransactionStatus) { transaction = status }

    mutating func broke() {
        if phase == .open || phase == .opening { phase = .broken }
        transaction = .idle
    }

    /// Whether there is anything left to close.
    mutating func close() -> Bool {
        defer { phase = .closed }
        transaction = .idle
        return phase != .closed
    }
}

/// Whether a connection is inside a transaction.
public enum TransactionStatus: Sendable, Hashable {
    /// Outside a transaction.
    case idle
    /// Inside one.
    case active
    /// Inside one that has failed: the server takes nothing but ROLLBACK.
    case failed
}
