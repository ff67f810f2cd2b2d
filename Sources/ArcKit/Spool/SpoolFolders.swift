/// The spools of all databases on this machine: `$XDG_STATE_HOME/arc/spool`.
///
/// Each is named by the database's own id (`arc_schema.database_id`), so that all URLs of one database share a spool
/// and no other database ever gets its outcomes. A copy of a database has the id of the original: outcomes that wait
/// go to whichever of the two is connected to first. A simulation made after the copying exists in one of them alone;
/// the other refuses its outcomes, which are then set aside and can be flushed again (`arc spool flush --rejected`).
public struct SpoolFolders: Sendable, Hashable {
    /// The folder of the databases' folders.
    public let base: String

    /// The spools under the state folder of `folders`.
    public init(_ folders: Folders) { base = folders.state + "/spool" }

    /// The spool of a database; nothing is made yet.
    ///
    /// - Parameters:
    ///   - databaseID: the database's id.
    ///   - about: which database that is, for people; never with a password.
    public func spool(of databaseID: String, about: String? = nil) -> Spool {
        Spool(folder: "\(base)/\(databaseID)", about: about)
    }

    /// The spools that are there, by id.
    ///
    /// - Throws: `EvaluationError` with code `file` where the folder can't be read.
    public func all() throws(EvaluationError) -> [Spool] {
        let ids = try SpoolFolder.names(in: base).filter(Identifier.isUUID)
        return ids.sorted().map { spool(of: $0) }
    }
}
