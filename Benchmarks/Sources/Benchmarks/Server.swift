import ArcKit
import Postgres

/// The throw-away PostgreSQL that the benchmarks share, started when the first of them asks.
actor Server {
    private var server: EphemeralServer?

    func options() async throws -> ConnectionOptions {
        if let server { return server.options }
        let started = try await EphemeralServer()
        server = started
        return started.options
    }

    private var durable: DurableServer?

    /// A store on a server that keeps what is committed, for what is measured with the disk's share in it.
    func store() async throws -> Store {
        let server = try durable ?? DurableServer()
        durable = server
        return try await server.open()
    }

    func stop() async {
        await server?.stop()
        await durable?.stop()
    }
}
