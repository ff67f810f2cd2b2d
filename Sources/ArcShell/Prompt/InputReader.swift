import ArcHost
import Dispatch
import LuaBridge
import Synchronization

/// Reads inputs on a thread of its own, so that waiting for keys never holds one of Swift's.
final class InputReader: Sendable {
    // Made before the first read, and used on `queue` alone from then on.
    private nonisolated(unsafe) let editor: LineEditor
    private let lua: LuaQuestions
    private let queue: DispatchQueue

    /// A reader that keeps that history and knows the names that can go on with a text.
    init(history: HistoryFile, lua: LuaQuestions, names: PromptNames) throws {
        editor = try LineEditor(history: history) { text, cursor in names.candidates(text, cursor, lua) }
        self.lua = lua
        queue = DispatchQueue(label: "arc.prompt")
    }

    /// Reads one input: a line, or several where the first ones aren't whole.
    func read(prompt: String) async -> EditorResult {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                let result = editor.read(prompt: prompt) { text in
                    !PromptInput(text, check: lua.check).isIncomplete
                }
                continuation.resume(returning: result)
            }
        }
    }
}

/// Questions to a machine from the prompt's thread, which waits for the answers. The machine is idle while somebody
/// types, and none of them runs Lua code.
struct LuaQuestions: Sendable {
    private let machine: Machine

    init(_ machine: Machine) { self.machine = machine }

    /// Whether a text is Lua.
    func check(_ text: String) -> SyntaxCheck {
        ask { await $0.check(text, name: "=input") }
    }

    /// The names at a path from the globals, with their kinds: a table's fields, or what an object offers.
    func keys(of path: [String]) -> [(name: String, kind: String)] {
        if path.count == 1, let name = path.first, let members = Members(of: ask { await $0.global(name) }) {
            return members.names
        }
        return ask { await $0.keys(ofPath: path) }
    }

    private func ask<Answer: Sendable>(_ question: @escaping @Sendable (Machine) async -> Answer) -> Answer {
        let answered = DispatchSemaphore(value: 0)
        let box = AnswerBox<Answer>()
        let machine = machine
        Task {
            let answer = await question(machine)
            box.answer.withLock { $0 = answer }
            answered.signal()
        }
        while true {
            answered.wait()
            if let answer = box.answer.withLock({ $0 }) { return answer }
        }
    }

    private final class AnswerBox<Answer: Sendable>: Sendable {
        let answer = Mutex<Answer?>(nil)
    }
}
