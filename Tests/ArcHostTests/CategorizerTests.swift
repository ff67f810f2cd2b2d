import ArcKit
import LuaBridge
import Testing

@testable import ArcHost

@Suite("Categories of failures")
struct CategorizerTests {
    private static func failure(_ message: String?, status: OutcomeStatus = .error, code: String? = nil)
        -> Outcome
    {
        var outcome = Outcome(scenario: Scenario(id: "s"), trial: 1, status: status)
        outcome.errorMessage = message
        outcome.errorCode = code
        return outcome
    }

    private func categories(_ outcomes: [Outcome], _ plugins: [PluginFolder] = []) async throws -> [String?] {
        let test = try TestHost.alone(plugins: plugins)
        let found = try await test.host.plugins.categorized(outcomes, on: test.host).map(\.errorCategory)
        if let failure = test.host.plugins.failures.first { throw failure }
        return found
    }

    @Test(
        "the standard plugin knows the six",
        arguments: [
            ("Sandbox container was killed", "sandbox_error"), ("process OOMKilled", "sandbox_error"),
            ("tool search_flights failed", "tool_error"), ("HTTP 429: rate limit", "tool_error"),
            ("the tool call timed out", "tool_error"), ("output failed validation", "validation_error"),
            ("response did not match the schema", "validation_error"), ("Request timed out", "timeout"),
            ("deadline exceeded", "timeout"), ("the model refused to answer", "model_error"),
            ("context length exceeded", "model_error"), ("connection reset by peer", "system_error"),
            ("503 Service Unavailable", "system_error"), ("disk is full", "system_error"),
            ("something strange", nil), ("", nil), (nil, nil),
        ] as [(String?, String?)])
    func standard(_ message: String?, _ category: String?) async throws {
        #expect(try await categories([Self.failure(message)]) == [category])
    }

    @Test("the status says timeout, whatever the message; a code counts as well as a message")
    func others() async throws {
        let found = try await categories([
            Self.failure("tool failed", status: .timeout), Self.failure(nil, status: .timeout),
            Self.failure(nil, code: "TOOL_ERROR"), Self.failure("tool", status: .success),
            Self.failure("tool", status: .cancelled),
        ])
        #expect(found == ["timeout", "timeout", "tool_error", nil, nil])
    }

    @Test("a category that is given stays")
    func given() async throws {
        var outcome = Self.failure("tool failed")
        outcome.errorCategory = "mine"
        #expect(try await categories([outcome]) == ["mine"])
    }

    @Test("a plugin with a higher priority is asked first, and nil passes on")
    func priority() async throws {
        let folder = try Folder()
        try folder.plugin(
            "limits", provides: #"{"categorizers": ["rate_limit", "late"]}"#,
            """
            return { categorizers = {
              { name = "late", priority = -1, categorize = function() return "unknown" end },
              { name = "rate_limit", priority = 50, categorize = function(failure)
                if failure.message:find("429", 1, true) then return "rate_limit" end
              end },
            } }
            """)
        let failures = ["429 slow down", "tool failed", "strange"].map { Self.failure($0) }
        #expect(try await categories(failures, folder.plugins) == ["rate_limit", "tool_error", "unknown"])
    }

    @Test(
        "what isn't a category names the plugin and the categorizer",
        arguments: ["'Rate Limit'", "''", "'1st'", "3", "true", "{}"])
    func wrong(_ result: String) async throws {
        let folder = try Folder()
        try folder.plugin(
            "p", provides: #"{"categorizers": ["c"]}"#,
            "return { categorizers = {{ name = 'c', priority = 9, categorize = function() return \(result) end }} }"
        )
        await #expect { try await categories([Self.failure("x")], folder.plugins) } throws: {
            "\($0)".hasPrefix(
                "plugin p, categorizer c must return a category (lower-case letters, digits and _) or nil, got"
            )
        }
    }

    @Test("a categorizer that reads the database works within an import")
    func reading() async throws {
        let folder = try Folder()
        try folder.plugin(
            "p", provides: #"{"categorizers": ["c"]}"#, rest: #", "capabilities": ["db.read"]"#,
            """
            return { categorizers = {{ name = "c", priority = 9, categorize = function()
              return arc.query("select 'from_database' as it")[1].it
            end }} }
            """)
        try await TestHost.with(
            "categorizer", plugins: folder.plugins, grants: ["p"], results: [TestHost.baseline]
        ) { test in
            let outcomes = try await test.run(
                "return arc.query(\"select distinct error_category as it from outcomes where status <> 'success'\").it:to_list()"
            )
            #expect(outcomes == [["from_database"]])
        }
    }
}
