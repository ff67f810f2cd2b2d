import Postgres

/// Commands such as BEGIN, where each command may run on another connection of the pool.
public enum TransactionControl {
    /// The error for a command that controls a transaction; nil for any other.
    public static func refusal(of sql: String) -> HostError? {
        guard SQLText.controlsTransaction(sql) else { return nil }
        return HostError(
            .argument,
            "a transaction can't be controlled by SQL here: the next command may run on another connection",
            advice:
                "Use arc.transaction(function() … end), or give all of it at once: arc -c 'begin; …; commit'."
        )
    }
}
