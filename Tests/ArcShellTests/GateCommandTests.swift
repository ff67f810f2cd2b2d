import Foundation
import TestServer
import Testing

@Suite("arc gate and arc tag")
struct GateCommandTests {
    /// A file with the results of three scenarios.
    static func three(_ name: String, in world: World) throws -> String {
        let all = try String(
            contentsOfFile: Program.package + "/examples/results/\(name).jsonl", encoding: .utf8)
        return try world.write(
            "\(name)-three.jsonl",
            all.split(separator: "\n").filter { line in
                ["refund_damaged", "double_charge", "order_late"].contains {
                    line.contains("{\"id\":\"\($0)\"")
                }
            }.joined(separator: "\n"))
    }

    @Test("a known regression is 3, the other way round 0, and three scenarios are 4")
    func codes() async throws {
        let world = try await World.reading()
        let worse = try await world.arc("gate", "candidate", "--baseline", "baseline")
        #expect(worse.status == 3, "\(worse)")
        #expect(
            worse.output.contains("✗ pass_rate: Regressed")
                && worse.output.contains("pass rate is 15.8 pp lower"),
            "\(worse)")
        #expect(worse.output.hasPrefix("candidate against baseline\n") && worse.notes == "")
        #expect(worse.output.hasSuffix("\n2 gates: 1 failed, 1 passed.\n"))
        let better = try await world.arc("gate", "baseline", "--baseline", "candidate")
        #expect(better.status == 0 && better.output.contains("✓ pass_rate: No regression"), "\(better)")
    }

    @Test("baselines and candidates may be files of results, and few scenarios are too little evidence")
    func files() async throws {
        let world = try await World.make("shell_gate_files")
        let (a, b) = (try Self.three("baseline", in: world), try Self.three("candidate", in: world))
        let result = try await world.arc("gate", b, "--baseline", a, "--format", "json")
        #expect(result.status == 4, "\(result)")
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(answer["verdict"] as? String == "too_little_evidence" && answer["policy"] is NSNull)
        let gates = try #require(answer["gates"] as? [[String: Any]])
        #expect(gates.map { $0["name"] as? String } == ["scenarios", "pass_rate"])
        #expect(gates[1]["n"] as? Int == 3 && gates[1]["tolerance"] as? Double == 0.05)
        let rows = try await world.arc("gate", b, "--baseline", a, "--format", "csv")
        let lines = rows.output.split(separator: "\n")
        #expect(
            lines.first
                == "gate,verdict,reason,metric,unit,value,low,high,bound,tolerance,baseline,candidate,p,n")
        #expect(lines.last?.hasPrefix("pass_rate,too_little_evidence,") == true, "\(rows)")
        #expect(lines.last?.contains(",0.05,") == true && lines.last?.hasSuffix(",3") == true, "\(rows)")
        // The same files are the same simulations.
        let again = try await world.arc("gate", b, "--baseline", a)
        #expect(again.status == 4 && !again.notes.contains("imported"), "\(again)")
    }

    @Test("a policy in a file says what to ask, and a tag finds the baseline")
    func policy() async throws {
        let world = try await World.make("shell_gate_policy", results: true)
        let tagged = try await world.arc("tag", "baseline", "main")
        #expect(tagged.output == "baseline is tagged main\n", "\(tagged)")
        let policy = try world.write(
            "strict.yaml",
            """
            baseline: tag:main
            too_little_evidence: pass
            gates:
              - { metric: latency_ms, tolerance: 50 % }
              - { metric: score, at_least: 0.5, name: floor }
            """)
        let passed = try await world.arc("gate", "candidate", "--policy", policy)
        #expect(passed.status == 0 && passed.output.contains("floor"), "\(passed)")
        let wrong = try world.write("wrong.yaml", "gates: [{ metric: scor }]")
        let refused = try await world.arc("gate", "candidate", "--baseline", "baseline", "--policy", wrong)
        #expect(
            refused.status == 1
                && refused.notes.contains("wrong.yaml: gate \"scor\": there is no metric \"scor\""),
            "\(refused)")
        let none = try await world.arc("gate", "candidate")
        #expect(
            none.status == 1 && none.notes.contains("the policy compares with a baseline, and none is given"))
        let list = try await world.arc("tag", "--format", "csv")
        #expect(list.output.contains("main,") && list.output.contains(",baseline,completed,"), "\(list)")
        let gone = try await world.arc("tag", "--delete", "baseline", "main")
        #expect(gone.output == "baseline is no longer tagged main\n")
        let unknown = try await world.arc("gate", "candidate", "--baseline", "tag:main")
        #expect(
            unknown.status == 1 && unknown.notes.contains("no simulation has the tag \"main\""), "\(unknown)")
    }
}
