import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials

/// `arc gate CANDIDATE`
struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate", abstract: "Hold a simulation against a baseline and a policy.",
        discussion: """
            The policy is arc.gates.yaml of this folder, another file by --policy, or arc's own: the pass rate must not drop \
            by more than 5 points, no critical scenario be lost, and no scenario of the baseline be missing. \
            Exit codes: 0 every gate passed, 3 one failed, 4 none failed and of one nobody can tell.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var gating: GatingOptions

    @Argument(help: "The candidate: a simulation, or a file of results.")
    var candidate = "latest"

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            let policy = try gating.readPolicy()
            let candidate = try await workspace.simulationOrFile(candidate)
            let baseline = try await gating.baseline(policy, in: workspace)
            let gates = try await workspace.host.store().read {
                try await $0.gates(
                    policy, baseline: baseline, candidate: candidate, metrics: workspace.host.metrics)
            }
            let answer = GateAnswer(gates, policy: policy, baseline: baseline, candidate: candidate)
            switch output.format {
            case .json: Output.write(try answer.jsonText)
            case .table: Output.write(answer.text(Output.tableOptions))
            case .csv, .jsonl: Output.write(answer.table.text(output.format, Output.tableOptions.guarded))
            default: Output.write(answer.peopleTable.text(output.format, Output.tableOptions))
            }
            if let status = ExitStatus(gates.verdict) { throw ExitStatusError(status: status) }
        }
    }
}

/// What a candidate is held against.
struct GatingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to compare with: a simulation, tag:NAME, or a file of results; the policy's unless said.",
            valueName: "simulation"))
    var baseline: String?

    @Option(help: ArgumentHelp("The policy file; arc.gates.yaml where there is one.", valueName: "file"))
    var policy: String?

    /// The policy that was named, this folder's, or arc's own.
    ///
    /// - Throws: `EvaluationError` that names the file and the field, `HostError` where it can't be read.
    func readPolicy() throws -> GatePolicy {
        let path = policy ?? GatePolicy.fileName
        guard policy != nil || FileManager.default.fileExists(atPath: path) else { return GatePolicy() }
        guard let data = FileManager.default.contents(atPath: path) else { throw HostError.unreadable(path) }
        return try GatePolicy(yaml: String(decoding: data, as: UTF8.self), name: path)
    }

    /// The baseline that was named, or the policy's; nil where neither says.
    func baseline(_ policy: GatePolicy, in workspace: Workspace) async throws -> SimulationReference? {
        guard let name = baseline ?? policy.baseline else { return nil }
        return try await workspace.simulationOrFile(name)
    }
}

extension ExitStatus {
    /// What ends a command by what its gates say; nil where all passed.
    init?(_ verdict: GateResult.Verdict) {
        switch verdict {
        case .pass: return nil
        case .fail: self = .gateFailed
        case .tooLittleEvidence: self = .tooLittleEvidence
        }
    }
}
