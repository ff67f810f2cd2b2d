import Foundation
import Measuring

/// Measures arc against what it is built on, in one run, and prints ratios with their spread.
///
///     swift run -c release --package-path Benchmarks Benchmarks [--rounds N] [--only TEXT] [--json FILE]
@main
struct Benchmarks {
    static func main() async {
        do {
            try await measure(BenchmarkOptions(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(error is BenchmarkOptions.Wrong ? 64 : 1)
        }
    }

    private static func measure(_ options: BenchmarkOptions) async throws {
        let all =
            QueryComparisons.all + FetchComparisons.all + RecordingComparisons.all + PoolComparisons.all
            + LuaComparisons.all + TaskComparisons.all + PatternComparisons.all + JSONComparisons.all
            + FrameComparisons.all
        let chosen = all.filter { options.only.isEmpty || $0.name.contains(options.only) }
        guard !chosen.isEmpty else {
            throw BenchmarkOptions.Wrong(
                "no benchmark has \(options.only) in its name: \(all.map(\.name).joined(separator: "; "))")
        }
        let server = Server()
        do {
            try await measure(chosen, server, options)
            await server.stop()
        } catch {
            await server.stop()
            throw error
        }
    }

    private static func measure(
        _ benchmarks: [Benchmark], _ server: Server, _ options: BenchmarkOptions
    ) async throws {
        var table = MeasurementTable()
        var measurements: [ContestResult] = []
        for benchmark in benchmarks {
            let contest = try await benchmark.make(server)
            let measurement = try await contest.measure(benchmark.name, rounds: options.rounds)
            table.add(measurement)
            measurements.append(measurement)
        }
        print(table.text)
        for measurement in measurements {
            for note in measurement.notes { print("\(measurement.name): \(note)") }
        }
        print(
            "medians of at most \(options.rounds) rounds in turns; ratio: arc's time by the baseline's, lowest – highest round"
        )
        guard let file = options.json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(measurements).write(to: URL(filePath: file))
    }
}

/// What the command line asks for.
struct BenchmarkOptions {
    struct Wrong: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    var rounds = 31
    var only = ""
    var json: String?

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard ["--rounds", "--only", "--json"].contains(name), let value = rest.popFirst() else {
                throw Wrong("usage: Benchmarks [--rounds N] [--only TEXT] [--json FILE]; got \(name)")
            }
            switch name {
            case "--rounds":
                guard let count = Int(value), count >= 1 else {
                    throw Wrong("--rounds: \(value) isn't a count")
                }
                rounds = count
            case "--only": only = value
            default: json = value
            }
        }
    }
}
