/// How a local server is, at one look.
public struct ServerStatus: Sendable, Equatable {
    /// What the server is doing.
    public enum Phase: Sendable, Equatable {
        /// It was never started: there is no data.
        case notInitialised
        /// It isn't running.
        case stopped
        /// It is coming up, perhaps recovering from a crash.
        case starting(pid: Int32)
        /// It takes connections. `since` is in seconds since 1970.
        case running(pid: Int32, since: Int)
        /// It is going down.
        case stopping(pid: Int32)
    }

    /// What the server is doing.
    public let phase: Phase
    /// The major version of PostgreSQL that the data belongs to, for example `15`; nil before there is any.
    public let version: String?
    /// The data directory.
    public let data: String
    /// The directory of the Unix socket: what a connection gives as its host.
    public let socket: String
    /// The file that the server writes its messages to.
    public let log: String
    /// The user whom the server runs as, where that isn't the user of this process.
    public let account: String?
    /// Why the server isn't where it was asked to be, if so.
    public let note: String?
}
