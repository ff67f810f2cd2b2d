public import Postgres

/// What people should know of what a store does by itself.
public enum StoreEvent: Sendable {
    /// The database is away, and outcomes begin to go to the spool.
    case begins(DatabaseError)
    /// All that waited in the spool was handed over.
    case done(ReplayReport)
    /// That takes longer, and goes on while the store is used.
    case goesOn(ReplayReport)
    /// That failed; what isn't stored still waits.
    case failed(any Error, ReplayReport)
    /// The replicas can't be reached, and the primary begins to answer what they would.
    case replicasAway(DatabaseError)
    /// The replicas answer again.
    case replicasReturned
}
