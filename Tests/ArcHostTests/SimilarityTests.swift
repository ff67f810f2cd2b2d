import ArcKit
import FoundationEssentials
import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("Similar scenarios and searches from scripts")
struct SimilarityTests {
    private static let filled = """
        arc.create_configuration("c", "model: small")
        sim = arc.start_simulation { config_version_id = "c", simulation_name = "night" }
        local function run(id, prompt, embedding, text, status)
          arc.record_outcome {
            simulation_id = sim, scenario = { id = id, task_prompt = prompt, embedding = embedding },
            status = status or "success", reliability_score = status and nil or 1,
            trajectory = { { role = "agent", content = text } },
          }
        end
        run("a", "book a flight", { 1, 0 }, "I booked it")
        run("b", "book a train", { 0.9, 0.1 }, "the refund is on its way")
        run("c", "cancel it", { 0, 1 }, "no refund", "error")
        run("d", "book a flight", nil, "done")
        """

    @Test("a script finds similar scenarios, and is told how each was compared and how many were")
    func similar() async throws {
        try await TestHost.with("similar") { test in
            try await test.run(Self.filled)
            let answer = try await test.run(
                """
                local rows, how = arc.similar_scenarios("a")
                local text = {}
                for row in rows:rows() do text[#text + 1] = row.scenario_id .. " " .. row.method end
                return table.concat(text, ", "), how.by_embedding, how.by_trigrams, how.left_out
                """)
            #expect(answer == ["b exact, c exact, d trigram", 2, 1, 0])
            let others = try await test.run(
                """
                return arc.similar_scenarios({ text = "Cancel it" }, { limit = 1 })[1].scenario_id,
                  arc.similar_scenarios({ embedding = { 0, 2 } }, { limit = 1 })[1].similarity,
                  #arc.similar_scenarios("a", { minimum = 0.5, by = "embedding", simulation = sim })
                """)
            #expect(others == ["c", 1.0, 1])
        }
    }

    @Test("a script sets embeddings one by one or together, and a wrong one is named")
    func set() async throws {
        try await TestHost.with("set") { test in
            try await test.run(Self.filled)
            try await test.run(
                """
                arc.set_embedding("d", { 1, 1 })
                arc.set_embeddings { { scenario_id = "a", embedding = { 0, 3 } }, { scenario_id = "b", embedding = { 3, 0 } } }
                """)
            #expect(try await test.run("return arc.similar_scenarios('c')[1].scenario_id") == ["a"])
            for (script, what) in [
                ("arc.set_embedding('a', {})", "must have 1 to 1536 numbers, got none"),
                ("arc.set_embedding('a', { 1, 0/0 })", "embedding[2] must be a finite number, got nan"),
                ("arc.set_embedding('a', { 1, 'x' })", "embedding[2] must be a number"),
                ("arc.set_embedding('a', { 0, 0 })", "all zeroes"),
                ("arc.set_embedding('a', { 1, 2, 3 })", "have 2"),
                ("arc.set_embedding('nobody', { 1, 2 })", "no scenario \"nobody\""),
                (
                    "arc.set_embeddings { { scenario_id = 'a', embedding = { 1e99 } } }",
                    "embeddings[1], scenario \"a\""
                ),
                ("arc.similar_scenarios('nobody')", "no scenario \"nobody\""),
                ("arc.similar_scenarios {}", "must be a scenario's id"),
                ("arc.cluster_scenarios {}", "give k or threshold"),
                ("arc.cluster_scenarios { k = 2, threshold = 1 }", "give k or threshold"),
                ("arc.search('x')", "needs to know where"),
                ("arc.search('x', { simulation = sim, path = '$[' })", "can't be followed"),
            ] {
                let error = await test.failure(script)
                #expect(error?.message.contains(what) == true, "\(script): \(String(describing: error))")
            }
        }
    }

    @Test("clusters come as frames, with the pass rates of a simulation")
    func clusters() async throws {
        try await TestHost.with("clusters") { test in
            try await test.run(Self.filled)
            let answer = try await test.run(
                """
                local found = arc.cluster_scenarios { k = 2, by = "embedding", simulation = sim }
                local first = found.clusters[1]
                return found.method, found.left_out, first.medoid, first.scenarios, first.runs, first.pass_rate,
                  found.clusters[2].errors, #found.scenarios
                """)
            #expect(answer == ["exact", 1, "a", 2, 2, 1.0, 1, 3])
        }
    }

    @Test("a search gives hits and, where there are more, true")
    func search() async throws {
        try await TestHost.with("search") { test in
            try await test.run(Self.filled)
            let answer = try await test.run(
                """
                local hits, more = arc.search("refund", { simulation = sim, limit = 1 })
                local all, rest = arc.search("refund", { configuration = "c", time_range = "1h" })
                local failed = arc.search("refund", { simulation = "night", status = "error" })
                local by_path = arc.search(nil, { simulation = sim, path = '$[*] ? (@.content == "done")' })
                return #hits, more, #all, rest == nil, failed[1].snippet, by_path[1].scenario_id
                """)
            #expect(answer == [1, true, 2, true, "no «refund»", "d"])
        }
    }

    @Test("messages are grouped from a list and from a column")
    func messages() async throws {
        let test = try TestHost.alone()
        let answer = try await test.run(
            """
            local list = { "timeout after 30 s", "timeout after 31 s", "no such tool" }
            local groups = arc.cluster_messages(list)
            local column = arc.frame { { m = list[1] }, { m = list[2] }, { m = arc.null } }.m
            return #groups, groups[1].count, groups[1].variants, arc.cluster_messages(column)[1].count,
              arc.trigram_similarity("a b", "B a"), arc.trigram_similarity("?", "a")
            """)
        #expect(answer == [2, 2, 2, 2, 1.0, .nil])
    }

    @Test(
        "the program of the configuration file embeds what lacks an embedding, and the text that is looked for"
    )
    func embed() async throws {
        let folder = try Folder()
        try folder.write(
            "arc/config.yaml",
            """
            embed:
              command: while read -r line; do case "$line" in *cancel*|*Cancel*) echo '[0, 1]';; *) echo '[1, 0]';; esac; done
            """)
        try await TestHost.with("embed", environment: ["XDG_CONFIG_HOME": folder.path]) { test in
            try await test.run(Self.filled)
            let answer = try await test.run(
                """
                local report = arc.embed_scenarios()
                local replaced = arc.embed_scenarios { replace = true }
                local row = arc.similar_scenarios({ text = "please cancel" }, { limit = 1 })[1]
                return report.embedded, report.without_prompt, replaced.embedded, row.scenario_id, row.method
                """)
            #expect(answer == [1, 0, 4, "c", "exact"])
        }
        try await TestHost.with("unset", environment: ["XDG_CONFIG_HOME": folder.path + "/none"]) { test in
            let error = await test.failure("arc.embed_scenarios()")
            #expect(error?.message.contains("no program that makes embeddings is configured") == true)
            #expect(error?.advice?.contains("config.yaml") == true)
        }
    }

    @Test("no plugin runs the program, whatever it was granted")
    func plugin() async throws {
        let folder = try Folder()
        try folder.plugin(
            "p", provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": ["db.read", "db.write"]"#,
            "return { metrics = {{ name = 'm', compute = function() arc.embed_scenarios() end }} }")
        try await TestHost.with("plugin", plugins: folder.plugins, grants: ["p"]) { test in
            await #expect {
                try await test.host.plugins.soundMetrics(of: Frame.twoOutcomes, on: test.host)
            } throws: {
                "\($0)".contains("plugin p called arc.embed_scenarios, which runs a program: no plugin may")
            }
        }
    }
}
