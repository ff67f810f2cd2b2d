import ArcKit
import Foundation
import Postgres

/// A server that keeps what is committed, as a user's own does, in a temporary directory, with arc's schema.
actor DurableServer {
    private let directory: String
    private let server: LocalServer
    private var store: Store?

    init() throws {
        directory = "/tmp/arc-benchmark-\(UInt32.random(in: 0 ... .max))"
        let place = try ServerDirectory(base: directory, rootBase: directory)
        server = LocalServer(
            place, settings: ServerSettings(maxConnections: 100), search: ServerProgramSearch())
    }

    /// A store on it.
    func open() async throws -> Store {
        if let store { return store }
        let opened = Store(try Pool(try await server.start()))
        _ = try await opened.pool.withConnection { try await SchemaDeployer().deploy(on: $0) }
        store = opened
        return opened
    }

    func stop() async {
        await store?.pool.close()
        try? await server.destroy()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
