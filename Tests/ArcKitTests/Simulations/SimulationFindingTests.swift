import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Finding a simulation")
struct SimulationFindingTests {
    static func find(_ store: Store, _ text: String) async throws -> SimulationReference {
        try await store.session { try await $0.findSimulation(text) }
    }

    /// Gives a simulation an id that a test can foresee.
    static func insert(_ store: Store, id: String, name: String? = nil) async throws {
        try await store.pool.query(
            """
            insert into simulations (simulation_id, config_version_id, simulation_name)
            select $1, version_id, $2 from config_versions limit 1
            """, [.text(id), name.map(Value.text) ?? .null])
    }

    @Test("it is found by latest, name, id and a prefix of the id in any case")
    func ways() async throws {
        try await withStore { store in
            _ = try await store.newSimulation(name: "first")
            let id = "abcdef01-0000-7000-8000-000000000001"
            try await Self.insert(store, id: id, name: "nightly")
            let texts = [
                "latest", "nightly", id, id.uppercased(), "abcd", "ABCDEF01-0", String(id.dropLast()),
            ]
            for text in texts {
                let found = try await Self.find(store, text)
                #expect(found.id == id, "\(text)")
                #expect(found.name == "nightly")
                #expect(found.state == .pending)
                #expect(found.namesakes == 1)
            }
            #expect(try await Self.find(store, "first").label == "first")
        }
    }

    @Test("of several with one name the newest is taken, and their number is told")
    func namesakes() async throws {
        try await withStore { store in
            var newest = ""
            for _ in 1...3 { newest = try await store.newSimulation(name: "nightly").id }
            _ = try await store.newSimulation(name: "other")
            let found = try await Self.find(store, "nightly")
            #expect(found.id == newest)
            #expect(found.namesakes == 3)
        }
    }

    @Test("without a name it is called by the first eight digits of its id")
    func label() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            #expect(simulation.name == nil)
            #expect(simulation.label == String(simulation.id.prefix(8)))
        }
    }

    @Test("a prefix that several have is refused with their ids, more digits find one")
    func ambiguous() async throws {
        try await withStore { store in
            _ = try await store.newSimulation()
            let ids = (1...3).map { "abcdef01-0000-7000-8000-00000000000\($0)" }
            for id in ids { try await Self.insert(store, id: id) }
            let text = await refusal(.ambiguous) { _ = try await Self.find(store, "abcdef01") }
            for id in ids { #expect(text.contains(id)) }
            #expect(try await Self.find(store, ids[1]).id == ids[1])
        }
    }

    @Test("a prefix of three digits is too short, and a name may look like a prefix")
    func short() async throws {
        try await withStore { store in
            _ = try await store.newSimulation()
            try await Self.insert(store, id: "abcdef01-0000-7000-8000-000000000001")
            await refusal(.notFound) { _ = try await Self.find(store, "abc") }
            try await Self.insert(store, id: "12345678-0000-7000-8000-000000000001", name: "abcd")
            #expect(try await Self.find(store, "abcd").name == "abcd")
        }
    }

    @Test("a wildcard in a name is no wildcard", arguments: ["%", "____", "abc%", "", " "])
    func wildcards(text: String) async throws {
        try await withStore { store in
            _ = try await store.newSimulation(name: "abcd")
            await refusal(.notFound) { _ = try await Self.find(store, text) }
        }
    }

    @Test("an unknown name says which there are")
    func unknown() async throws {
        try await withStore { store in
            let none = await refusal(.notFound) { _ = try await Self.find(store, "nightly") }
            #expect(none.contains("\"nightly\"") && none.contains("none at all yet"))
            let latest = await refusal(.notFound) { _ = try await Self.find(store, "latest") }
            #expect(latest.contains("there is no simulation yet"))
            for number in 1...6 { _ = try await store.newSimulation(name: "run \(number)") }
            let text = await refusal(.notFound) { _ = try await Self.find(store, "nightly") }
            #expect(text.contains("run 6, run 5, run 4, run 3, run 2."))
        }
    }

    @Test("a file's hash finds the simulation it was imported into, and imports once")
    func imported() async throws {
        try await withStore { store in
            let version = try await ConfigurationVersionTests.create(store, "model: a")
            var plan = SimulationPlan(configuration: "agent", name: "import")
            plan.sourceHash = Digest.sha256("file")
            let first = plan
            try await store.session { session in
                let id = try await session.createSimulation(first)
                let found = try await session.findSimulation(importedFrom: Digest.sha256("file"))
                #expect(found?.id == id)
                #expect(found?.name == "import")
                #expect(try await session.findSimulation(importedFrom: Digest.sha256("other")) == nil)
            }
            await refusal(.exists) { _ = try await store.session { try await $0.createSimulation(first) } }
            #expect(try await store.count("select count(*) from simulations") == 1)
            #expect(version.number == 1)
        }
    }
}
