import Measuring

/// A contest that is made ready when its turn comes.
struct Benchmark: Sendable {
    var name: String
    var make: @Sendable (Server) async throws -> Contest

    init(_ name: String, _ make: @escaping @Sendable (Server) async throws -> Contest) {
        self.name = name
        self.make = make
    }
}
