import Foundation
import TestServer
import Testing

@Suite("arc compare")
struct CompareTests {
    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static let tauBench = Program.package + "/../shared/data/tau-bench/gpt-4o-airline.json"
    private static let hasTauBench = FileManager.default.fileExists(atPath: tauBench)

    /// A file with the records of one trial alone.
    private static func trial(_ number: Int, in world: World) throws -> String {
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: tauBench)))
        let records = try #require(all as? [[String: Any]]).filter { $0["trial"] as? Int == number }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: records), as: UTF8.self)
        return try world.write("trial\(number)/airline.json", text)
    }

    @Test(
        "τ-bench's trial 0 against trial 3: the published table and standard errors",
        .enabled(if: hasTauBench, "needs ../shared/data/tau-bench/gpt-4o-airline.json, which isn't there"))
    func tauBenchTrials() async throws {
        let world = try await World.make("shell_compare_tau")
        for number in [0, 3] {
            let file = try Self.trial(number, in: world)
            let imported = try await world.arc("import", "tau-bench", file, "--name", "trial \(number)")
            #expect(imported.status == 0, "\(imported)")
        }
        let result = try await world.arc("compare", "trial 0", "trial 3", "--format", "json")
        #expect(result.status == 0 && result.notes == "", "\(result)")
        let c = try Self.object(result.output)
        let table = try #require(c["mcnemar"] as? [String: Double])
        #expect(table == ["both": 14, "only_a": 7, "only_b": 7, "neither": 22, "p": 1])
        let difference = try #require(c["difference"] as? [String: Any])
        #expect(difference["value"] as? Double == 0)
        #expect(abs((difference["se"] as? Double ?? 0) - 0.0755929) < 5e-8)
        #expect(abs((c["unpaired_se"] as? Double ?? 0) - 0.0997139) < 5e-8)
        let a = try #require(c["a"] as? [String: Any])
        #expect(a["name"] as? String == "trial 0" && a["n"] as? Int == 50 && a["errors"] as? Int == 0)
        #expect(a["mean"] as? Double == 0.42 && a["interval"] as? [String: Double] != nil)
        #expect(c["matched"] as? Int == 50)
        #expect(c["unmatched"] as? [String: Int] == ["only_a": 0, "only_b": 0])
        let permutation = try #require(c["permutation"] as? [String: Any])
        #expect(permutation["p"] as? Double == 1 && permutation["seed"] as? Int == 1)
        let flips = try #require(c["flips"] as? [String: [[String: Any]]])
        #expect(flips["lost"]?.count == 7 && flips["gained"]?.count == 7)
        // Costs, tokens and times aren't in the file.
        let metrics = try #require(c["by_metric"] as? [[String: Any]])
        for metric in metrics
        where ["latency_ms", "tokens", "cost_usd"].contains(metric["metric"] as? String) {
            #expect(metric["difference"] is NSNull && metric["matched"] as? Int == 0)
        }
        let gate = try await world.arc("compare", "trial 0", "trial 3", "--gate")
        #expect(gate.status == 4 && gate.output.contains("Too little evidence for a tolerance of 0.05"))
        #expect(gate.output.contains("McNemar p = 1 (both 14, only A 7, only B 7, neither 22)"))
    }

    @Test("people get both sides, the verdict, metrics, tags, flips and notes")
    func table() async throws {
        let world = try await World.reading()
        let result = try await world.arc("compare", "baseline", "candidate")
        #expect(result.status == 0 && result.notes == "")
        for part in [
            "A │ baseline", "B │ candidate", "Regressed: score is 0.1021 lower",
            "beyond the tolerance of 0.05",
            "permutation p = ", "smallest detectable effect 0.1077", "By metric", "pass_rate",
            "-15.8 pp ± 10.2 pp",
            "By tag", "refunds", "Scenarios that flipped", "weakened", "after Holm",
        ] { #expect(result.output.contains(part), "\(part) in\n\(result.output)") }
        #expect(!result.output.contains("\u{1B}") && !result.output.contains("…  "))
    }

    @Test("one table alone, in every format")
    func parts() async throws {
        let world = try await World.reading()
        for (flag, heading) in [
            ("--by-metric", "metric,unit,matched,a,b,difference,"),
            ("--by-tag", "tag,matched,a,b,difference,"),
            ("--by-scenario", "scenario_id,a,b,difference,flip,"),
            ("--flips", "scenario_id,a,b,difference,flip,"),
        ] {
            let csv = try await world.arc("compare", "baseline", "candidate", flag, "--format", "csv")
            #expect(csv.status == 0 && csv.output.hasPrefix(heading), "\(csv)")
            for format in ["table", "jsonl", "markdown", "expanded", "json"] {
                let other = try await world.arc("compare", "baseline", "candidate", flag, "--format", format)
                #expect(other.status == 0 && other.output.count > 100 && other.notes == "", "\(other)")
            }
            let rows = try await world.arc("compare", "baseline", "candidate", flag, "--format", "json")
            let parsed = try JSONSerialization.jsonObject(with: Data(rows.output.utf8)) as? [[String: Any]]
            #expect(parsed?.first?.keys.contains(String(heading.prefix { $0 != "," })) == true, "\(flag)")
        }
        let people = try await world.arc("compare", "baseline", "candidate", "--by-scenario")
        #expect(people.output.contains("p (BH)") && people.output.contains("3/3→1/3"))
        let all = try await world.arc("compare", "baseline", "candidate", "--by-scenario", "--format", "csv")
        #expect(all.output.split(separator: "\n").count == 41)
        let two = try await world.arc("compare", "baseline", "candidate", "--by-tag", "--flips")
        #expect(two.status == 64)
    }

    @Test("what a script prints of a comparison is what the command prints")
    func printed() async throws {
        let world = try await World.reading()
        let command = try await world.arc("compare", "baseline", "candidate")
        let expression = "arc.compare('baseline', 'candidate')"
        #expect(try await world.arc("-e", expression).output == command.output)
        #expect(try await world.arc("-e", "print(\(expression))").output == command.output)
        for format in ["json", "csv", "jsonl", "markdown"] {
            let command = try await world.arc("compare", "baseline", "candidate", "--format", format)
            #expect(
                try await world.arc("-e", expression, "--format", format).output == command.output,
                "\(format)")
        }
    }

    @Test("the gate ends with 3 where it regressed, and only where it is asked for")
    func gate() async throws {
        let world = try await World.reading()
        func status(_ arguments: String...) async throws -> Int32 {
            try await Program.run(
                ["compare"] + arguments, environment: world.environment, folder: world.home.path
            ).status
        }
        #expect(try await status("baseline", "candidate") == 0)
        #expect(try await status("baseline", "candidate", "--gate") == 3)
        #expect(try await status("candidate", "baseline", "--gate") == 0)
        #expect(try await status("baseline", "candidate", "--gate", "--tolerance", "0.2") == 0)
        #expect(try await status("baseline", "candidate", "--gate", "--metric", "latency_ms") == 0)
        #expect(
            try await status("baseline", "candidate", "--gate", "--metric", "latency_ms", "--more-is-better")
                == 3)
        #expect(try await status("baseline", "baseline", "--gate") == 0)
    }

    @Test("ids, prefixes and latest find simulations, and what is wrong is named")
    func references() async throws {
        let world = try await World.reading()
        let id = try await world.arc("-e", "arc.simulation('baseline').id").output.split(separator: "\n")
            .joined()
        let found = try await world.arc("compare", String(id.prefix(13)), "latest", "--format", "json")
        let c = try Self.object(found.output)
        #expect((c["a"] as? [String: Any])?["id"] as? String == id)
        #expect((c["b"] as? [String: Any])?["name"] as? String == "candidate")
        for (arguments, status, message) in [
            (["baseline", "nobody"], 1, "there is no simulation with the name"),
            (["baseline", "candidate", "--metric", "speed"], 1, "There are: score, pass_rate"),
            (["baseline", "candidate", "--confidence", "95"], 64, "--confidence must be between 0 and 1"),
            (["baseline", "candidate", "--metric", "scor"], 1, "Did you mean \"score\"?"),
            (["basline", "candidate"], 1, "Did you mean \"baseline\"?"),
            (["baseline", "candidate", "--tolerance", "-1"], 64, "--tolerance must be 0 or more, got -1"),
            (["baseline", "candidate", "--resamples", "0"], 64, "--resamples must be between 1 and"),
            (["baseline", "candidate", "--seed", "-1"], 64, "The value '-1' is invalid for '--seed"),
            (
                ["baseline", "candidate", "--pass-threshold", "-0.5"], 64,
                "--pass-threshold must be between 0 and 1, got -0.5"
            ),
            (["baseline", "candidate", "--critical", "doublecharge"], 1, "Did you mean \"double_charge\"?"),
            (["baseline"], 64, "Missing expected argument"),
        ] as [([String], Int32, String)] {
            let result = try await Program.run(
                ["compare"] + arguments, environment: world.environment, folder: world.home.path)
            #expect(result.status == status && result.notes.contains(message), "\(arguments): \(result)")
        }
    }

    @Test("the same seed gives the same answer")
    func seed() async throws {
        let world = try await World.reading()
        func output(_ seed: String) async throws -> String {
            try await world.arc(
                "compare", "baseline", "candidate", "--metric", "latency_ms", "--resamples", "2000", "--seed",
                seed,
                "--format", "json"
            ).output
        }
        #expect(try await output("7") == output("7"))
        #expect(try await output("8").contains("\"seed\": 8"))
    }
}
