extension DatabaseError {
    /// Whether the same may succeed a little later without anybody changing anything: a connection was lost, the
    /// server is starting, stopping or full, or a transaction got into another one's way.
    ///
    /// A wrong password, an unknown database, a full or closed pool and a cancelled task aren't of that kind.
    public var mayPass: Bool {
        switch code {
        case .connectionLost: true
        case .connectionFailed:
            isAbsence || (sqlState.map(Self.isPassing(sqlState:)) ?? Self.isPassing(connectFailure: message))
        case .server: sqlState.map(Self.isPassing(sqlState:)) ?? false
        default: false
        }
    }

    /// What this error, from connecting, says about waiting for the server.
    var outageCause: PoolOutage.Cause {
        if isAbsence { return .absent }
        // Waiting helps where the server is away or full, not where it knows us and refuses.
        return mayPass || code == .timedOut ? .passing : .lasting
    }

    /// Whether the server has taken back the whole transaction, so that certainly nothing of it happened.
    public var provesRollback: Bool { code == .server && ["40001", "40P01"].contains(sqlState) }

    /// Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
    private static func isPassing(sqlState: String) -> Bool {
        // 57P01 admin_shutdown, 57P02 crash_shutdown, 57P03 cannot_connect_now, 53300 too_many_connections,
        // 40001 serialization_failure, 40P01 deadlock_detected; class 08: connection exceptions.
        ["57P01", "57P02", "57P03", "53300", "40001", "40P01"].contains(sqlState) || sqlState.hasPrefix("08")
    }

    /// libpq gives no code for a connection that can't be made, so its words decide. It says a line for every
    /// address that it tried: one that refused for good outweighs others that weren't there.
    private static func isPassing(connectFailure message: String) -> Bool {
        var isPassing = false
        for line in message.split(whereSeparator: \.isNewline) {
            if line.contains("FATAL:") {
                guard passingRefusals.contains(where: { line.contains($0) }) else { return false }
                isPassing = true
            } else if (ConnectFailure.absences + passingFailures).contains(where: { line.contains($0) }) {
                isPassing = true
            }
        }
        return isPassing
    }

    /// What a server says to whom it can't take now (57P03 and 53300).
    private static let passingRefusals = [
        "the database system is", "too many clients", "too many connections", "remaining connection slots",
        "terminating connection",
    ]

    /// What the network says of a server that may be there.
    private static let passingFailures = [
        "Connection reset", "Connection timed out", "timeout expired", "Broken pipe", "closed the connection",
        "Temporary failure in name resolution", "connection has been closed",
    ]
}
