import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Versions of a configuration")
struct ConfigurationVersionTests {
    static func create(_ store: Store, _ yaml: String, name: String = "agent") async throws
        -> ConfigurationVersion
    {
        let document = try ConfigurationDocument(yaml: yaml)
        return try await store.session { try await $0.createConfiguration(name: name, document: document) }
    }

    @Test("the same text gives the same version, a new text the next number")
    func versions() async throws {
        try await withStore { store in
            let first = try await Self.create(store, "model: a")
            let again = try await Self.create(store, "model: a")
            let second = try await Self.create(store, "model: a # changed")
            let back = try await Self.create(store, "model: a")
            #expect(first.isNew && !again.isNew && second.isNew && !back.isNew)
            #expect([first, again, second, back].map(\.number) == [1, 1, 2, 1])
            #expect(again.versionID == first.versionID && back.versionID == first.versionID)
            #expect(second.configurationID == first.configurationID)
            #expect(second.versionID != first.versionID)
        }
    }

    @Test("two configurations may hold the same text, and count their versions by themselves")
    func twoConfigurations() async throws {
        try await withStore { store in
            _ = try await Self.create(store, "model: a", name: "one")
            _ = try await Self.create(store, "model: b", name: "one")
            let other = try await Self.create(store, "model: b", name: "two")
            #expect(other.number == 1)
            #expect(other.isNew)
        }
    }

    @Test("text, parsed document and hash are stored as they are")
    func stored() async throws {
        try await withStore { store in
            let yaml = "model: gpt-4o # ü\nlimit: 9223372036854775807\nid: \"42\"\nnested: {a: [1, null]}\n"
            let version = try await Self.create(store, yaml)
            let row = try await store.pool.query(
                "select raw_yaml, parsed_config, config_hash from config_versions where version_id = $1",
                [.text(version.versionID)]
            ).single()
            #expect(try row.get("raw_yaml", as: String.self) == yaml)
            #expect(try row.get("config_hash", as: String.self) == Digest.sha256(yaml))
            let parsed = try JSONValue(parsing: try row.get("parsed_config", as: String.self))
            #expect(parsed["limit"] == .integer(.max))
            #expect(parsed["id"] == "42")
            #expect(parsed["nested"] == ["a": [1, nil]])
        }
    }

    @Test("ten writers at once number their versions without a gap or a clash")
    func tenWriters() async throws {
        try await withStore { store in
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 1...10 {
                    group.addTask { try await Self.create(store, "writer: \(writer)").number }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...10))
        }
    }

    @Test("ten writers of the same text at once make one version")
    func tenTimesTheSame() async throws {
        try await withStore { store in
            let versions = try await withThrowingTaskGroup(of: ConfigurationVersion.self) { group in
                for _ in 1...10 { group.addTask { try await Self.create(store, "model: a") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(versions.map(\.versionID)).count == 1)
            #expect(versions.filter(\.isNew).count == 1)
        }
    }

    @Test(
        "a version can't be changed",
        arguments: ["raw_yaml = 'x: 1'", "parsed_config = '{}'", "version_number = 9"])
    func immutable(change: String) async throws {
        try await withStore { store in
            _ = try await Self.create(store, "model: a")
            let state = await sqlState { try await store.pool.query("update config_versions set \(change)") }
            #expect(state == "23000")
        }
    }

    @Test("a version is found by its configuration's name, which gives the latest, and by its id")
    func find() async throws {
        try await withStore { store in
            let first = try await Self.create(store, "model: a")
            let second = try await Self.create(store, "model: b")
            // Using an old text again doesn't make it the latest.
            _ = try await Self.create(store, "model: a")
            try await store.session { session async throws in
                #expect(try await session.findConfigurationVersion("agent") == second.versionID)
                #expect(
                    try await session.findConfigurationVersion(first.versionID.uppercased())
                        == first.versionID)
            }
            let text = await refusal(.notFound) {
                _ = try await store.session { try await $0.findConfigurationVersion("agnet") }
            }
            #expect(text.contains("\"agnet\""))
        }
    }

    @Test("a configuration without a name is refused")
    func noName() async throws {
        try await withStore { store async throws in
            await refusal(.invalid) { _ = try await Self.create(store, "a: 1", name: "") }
            #expect(try await store.count("select count(*) from configurations") == 0)
        }
    }

    @Test("a Modal app that is named later is filled in, and never erased")
    func modalApp() async throws {
        try await withStore { store in
            let document = try ConfigurationDocument(yaml: "model: a")
            for app in [nil, "app-1", nil] {
                _ = try await store.session {
                    try await $0.createConfiguration(name: "agent", document: document, modalAppID: app)
                }
            }
            #expect(try await store.pool.query("select modal_app_id from configurations").lines == ["app-1"])
        }
    }
}
