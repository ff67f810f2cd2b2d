import ArcHost
import ArcKit
import Glibc
import LuaBridge
import Postgres

/// The interactive prompt: reads an input, evaluates it, prints what it gives, until `\q` or Ctrl-D.
struct Prompt {
    private let workspace: Workspace
    private let machine: Machine
    private let evaluator: Evaluator
    private let names = PromptNames()

    init(_ workspace: Workspace, format: TableFormat) throws {
        self.workspace = workspace
        machine = try workspace.host.makeScriptMachine()
        evaluator = Evaluator(workspace, machine, format: format)
    }

    /// Runs until the end of the input. An error ends its input, not the prompt.
    func run() async throws {
        Output.write("arc \(Arc.version) · Lua and SQL; \\? for help, \\q to quit\n")
        let reader = try InputReader(
            history: HistoryFile(path: workspace.folders.state + "/history"), lua: LuaQuestions(machine),
            names: names)
        let fetching = Task { [workspace, names] in
            if let store = try? await workspace.host.store() { await names.refresh(from: store) }
        }
        var running = true
        while running {
            switch await reader.read(prompt: Self.prompt) {
            case .endOfFile: running = false
            case .interrupted: continue
            case .input(let text): running = await evaluate(text)
            }
        }
        fetching.cancel()
        await workspace.close()
        if let code = workspace.host.exitCode { throw ScriptExit(code: code) }
    }

    private static var prompt: String { Output.hasColour ? "\u{1B}[1;36marc>\u{1B}[0m " : "arc> " }

    /// Evaluates an input; Ctrl-C ends it and comes back here.
    private func evaluate(_ text: String) async -> Bool {
        let evaluator = evaluator
        let machine = machine
        // Nothing runs before somebody listens: a Ctrl-C that comes as soon as it prints would be lost.
        let (listening, begin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in listening {}
            return try await evaluator.evaluate(text)
        }
        let interrupts = Interrupts { _ in
            task.cancel()
            machine.interrupt()
        }
        begin.finish()
        let result = await task.result
        interrupts.stop()
        ProgressLine.end()
        switch result {
        case .success(let goOn): return goOn
        case .failure where workspace.host.exitCode != nil: return false
        case .failure(let error):
            Output.note(Failure.status(of: error) == .interrupted ? "interrupted" : Failure.describe(error))
            return true
        }
    }
}
