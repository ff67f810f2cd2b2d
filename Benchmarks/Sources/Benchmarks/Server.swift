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

    func stop() async { await server?.stop() }
}
