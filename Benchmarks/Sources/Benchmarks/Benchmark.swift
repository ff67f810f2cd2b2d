import Measuring

/// A comparison that is made ready when its turn comes.
struct Benchmark: Sendable {
    var name: String
    var make: @Sendable (Server) async throws -> Comparison

    init(_ name: String, _ make: @escaping @Sendable (Server) async throws -> Comparison) {
        self.name = name
        self.make = make
    }
}
