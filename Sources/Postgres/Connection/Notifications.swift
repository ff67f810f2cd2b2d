internal import CPostgres

/// What another session sent with NOTIFY to a channel that this one listens to.
public struct Notification: Sendable, Hashable {
    /// The channel's name.
    public let channel: String
    /// The text that came along; "" for none.
    public let payload: String
    /// The process id of the server's process that sent it.
    public let senderPID: Int
}

extension Connection {
    /// Starts listening to a channel; ``nextNotification(timeout:)`` gives what comes.
    ///
    /// It lasts as long as the session: a connection for listening is one of one's own, not one that a pool lent. Behind
    /// a PgBouncer in transaction mode there is no listening.
    ///
    /// - Throws: As ``query(_:_:timeout:)``.
    public func listen(to channel: String) async throws(DatabaseError) {
        try await script("LISTEN \(Self.quoted(channel))")
    }

    /// Stops listening to a channel.
    ///
    /// - Throws: As ``query(_:_:timeout:)``.
    public func stopListening(to channel: String) async throws(DatabaseError) {
        try await script("UNLISTEN \(Self.quoted(channel))")
    }

    /// Waits for the next notification, in the order in which they were sent; those that came along with the answers of
    /// commands come first. No command runs on this connection meanwhile.
    ///
    /// - Parameter timeout: How long to wait; nil for ever.
    /// - Returns: nil where none came in time.
    /// - Throws: `cancelled`, `connectionLost`.
    public func nextNotification(timeout: Duration? = nil) async throws(DatabaseError) -> Notification? {
        try await interruptible(timeout: timeout) { exchange throws(DatabaseError) in
            guard let pointer = self.handle?.pointer, !self.isBroken else { throw self.closedError() }
            while true {
                if let received = PQnotifies(pointer) {
                    defer { PQfreemem(received) }
                    return Notification(
                        channel: String(cString: received.pointee.relname),
                        payload: String(cString: received.pointee.extra),
                        senderPID: Int(received.pointee.be_pid))
                }
                let readiness = self.interruption.wait(
                    socket: PQsocket(pointer), writing: false, until: exchange.deadline, interruptible: true)
                switch readiness {
                case .ready where PQconsumeInput(pointer) == 1: continue
                case .ready, .failed: throw self.lost(pointer)
                case .timedOut: return nil
                case .interrupted:
                    throw DatabaseError(.cancelled, "Waiting for a notification was cancelled.")
                }
            }
        }
    }

    /// The notifications on `channel`, for as long as the task isn't cancelled and the connection lives.
    public nonisolated func notifications(on channel: String) -> AsyncThrowingStream<Notification, any Error>
    {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await listen(to: channel)
                    while let notification = try await nextNotification() {
                        if notification.channel == channel { continuation.yield(notification) }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}
