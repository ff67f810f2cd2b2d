import Foundation
import TestServer
import Testing

@Suite("Metrics of plugins and categories on the command line")
struct MetricCommandTests {
    /// A world with the example results, and a plugin that came later.
    private static func make(_ name: String) async throws -> World {
        let world = try await World.make(name, results: true)
        _ = try world.write(
            "plugins/mine/plugin.json",
            #"{"name": "mine", "version": "1.0.0", "provides": {"metrics": ["slow", "broken"], "categorizers": ["mine"]}}"#
        )
        _ = try world.write(
            "plugins/mine/init.lua",
            """
            return {
              metrics = {
                { name = "slow", label = "Slow runs", per = "outcome", unit = "ratio", more_is_better = false,
                  compute = function(o) if o.execution_time_ms then return o.execution_time_ms > 10000 end end },
                { name = "broken", per = "scenario", compute = function() return 0 / 0 end },
              },
              categorizers = {{ name = "mine", priority = 9, categorize = function(failure)
                if failure.status == "error" then return "mine" end
              end }},
            }
            """)
        return world
    }

    @Test(
        "list shows the columns that are asked for, in their order, with metrics of plugins and their intervals"
    )
    func columns() async throws {
        let world = try await Self.make("shell_columns")
        let table = try await world.arc("list", "--columns", "state,name,slow,pass_rate")
        #expect(table.status == 0, "\(table)")
        let head = try #require(table.output.split(separator: "\n").first { $0.contains("state") })
        let places = ["state", "name", "slow runs", "pass rate"].compactMap { head.range(of: $0)?.lowerBound }
        #expect(places.count == 4 && places == places.sorted(), "\(table.output)")
        #expect(table.output.contains(" % ("), "\(table.output)")
        let data = try await world.arc("list", "--columns", "name,slow", "--format", "csv")
        #expect(data.output.hasPrefix("name,slow,slow_low,slow_high,slow_n,slow_errors\n"), "\(data)")
        let one = try await world.arc("-e", "('%.17g'):format(arc.metric('slow', 'candidate').value)")
        #expect(
            data.output.contains(",\(one.output.trimmingCharacters(in: .whitespacesAndNewlines).prefix(15))"),
            "\(data) \(one)")
    }

    @Test(
        "an unknown column is an error with the nearest, and a metric that fails is named and leaves its column empty"
    )
    func faults() async throws {
        let world = try await Self.make("shell_column_faults")
        let wrong = try await world.arc("list", "--columns", "name,slwo")
        #expect(wrong.status == 1 && wrong.output == "", "\(wrong)")
        #expect(wrong.notes.contains("no column \"slwo\"") && wrong.notes.contains("\"slow\""), "\(wrong)")
        let broken = try await world.arc("list", "--columns", "name,broken,slow", "--format", "csv")
        #expect(broken.status == 1 && broken.notes.contains("plugin mine, metric broken"), "\(broken)")
        #expect(
            broken.output.contains("\nbaseline,,,,,,0.") || broken.output.contains("\nbaseline,,,,,,"),
            "\(broken)")
    }

    @Test("compare and gate take a plugin's metric, by its direction")
    func comparing() async throws {
        let world = try await Self.make("shell_metric_compare")
        let policy = try world.write("policy.yaml", "gates:\n  - metric: slow\n    tolerance: 1\n")
        let gate = try await world.arc("gate", "candidate", "--baseline", "baseline", "--policy", policy)
        #expect(gate.status == 0 && gate.output.contains("slow"), "\(gate)")
        let compared = try await world.arc(
            "compare", "baseline", "candidate", "--metric", "slow", "--format", "json")
        #expect(compared.status == 0 && compared.output.contains("\"metric\": \"slow\""), "\(compared)")
        let broken = try await world.arc("compare", "baseline", "candidate", "--metric", "broken")
        #expect(broken.status == 1 && broken.notes.contains("plugin mine, metric broken"), "\(broken)")
    }

    @Test("recategorize shows what would change, and then changes it")
    func recategorizing() async throws {
        let world = try await Self.make("shell_recategorize")
        let before = try await world.arc(
            "-c", "select count(*) from outcomes where error_category = 'mine'", "--format", "csv")
        let dry = try await world.arc("recategorize", "--dry-run")
        #expect(
            dry.status == 0 && dry.output.contains("Would change the category of 15 of 18 failures."),
            "\(dry)")
        #expect(dry.output.contains("mine/mine"), "\(dry)")
        let same = try await world.arc(
            "-c", "select count(*) from outcomes where error_category = 'mine'", "--format", "csv")
        #expect(before.output == same.output && same.output.hasSuffix("\n0\n"), "\(same)")
        let some = try await world.arc("recategorize", "--simulation", "candidate", "--since", "36500d")
        #expect(some.output.contains("Changed the category of 9 of 11 failures."), "\(some)")
        let wrong = try await world.arc("recategorize", "--since", "often")
        #expect(wrong.status == 1 && wrong.notes.contains("--since must be"), "\(wrong)")
    }
}
