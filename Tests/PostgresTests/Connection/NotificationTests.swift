import TestServer
import Testing

@testable import Postgres

@Suite("Notifications")
struct NotificationTests {
    private func connect() async throws -> Connection {
        try await Connection.connect(try await TestServer.shared.options())
    }

    /// Channels are shared by all who are in one database.
    private let channel = "a \"Channel\" \(UInt32.random(in: 0 ... .max))"

    @Test("arrive in order, with their texts and their sender")
    func order() async throws {
        let listener = try await connect()
        let sender = try await connect()
        try await listener.listen(to: channel)
        for text in ["one", "", "drei 🦉"] {
            try await sender.query("select pg_notify($1, $2)", [.text(channel), .text(text)])
        }
        var received: [Notification?] = []
        for _ in 0..<3 { received.append(try await listener.nextNotification()) }
        #expect(received.map { $0?.payload } == ["one", "", "drei 🦉"])
        let pid = await sender.backendPID
        #expect(received.allSatisfy { $0?.channel == channel && $0?.senderPID == pid })
        try await listener.stopListening(to: channel)
        try await sender.query("select pg_notify($1, 'late')", [.text(channel)])
        #expect(try await listener.nextNotification(timeout: .milliseconds(1)) == nil)
    }

    @Test("that came along with a command's answer aren't lost")
    func withAnswer() async throws {
        let connection = try await connect()
        try await connection.listen(to: channel)
        try await connection.query("select pg_notify($1, 'own')", [.text(channel)])
        #expect(try await connection.nextNotification()?.payload == "own")
    }

    @Test("are no longer waited for when the task is cancelled, and the connection goes on")
    func cancelled() async throws {
        let listener = try await connect()
        try await listener.listen(to: channel)
        let task = Task { try await listener.nextNotification() }
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await listener.query("select 1")[0, 0] == 1)
    }

    @Test("can be read in a loop, which ends when the connection is lost")
    func loop() async throws {
        let listener = try await connect()
        let sender = try await connect()
        try await listener.listen(to: channel)
        let pid = await listener.backendPID
        let stream = listener.notifications(on: channel)
        try await sender.query("select pg_notify($1, 'first')", [.text(channel)])
        var payloads: [String] = []
        let error = await #expect(throws: DatabaseError.self) {
            for try await notification in stream {
                payloads.append(notification.payload)
                try await sender.query("select pg_terminate_backend($1)", [.int(Int64(pid))])
            }
        }
        #expect(payloads == ["first"])
        #expect(error?.code == .connectionLost)
    }
}
