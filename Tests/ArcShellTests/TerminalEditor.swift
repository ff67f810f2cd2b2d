import Dispatch
import Glibc
import Synchronization

@testable import ArcShell

/// A real line editor on a real terminal, reading on a thread of its own until Ctrl-D. After each read it prints
/// `=>` and the number of results.
final class TerminalEditor: Sendable {
    private let results = Mutex<[EditorResult]>([])
    private let ended = DispatchSemaphore(value: 0)

    /// What the reads ended with so far.
    var all: [EditorResult] { results.withLock { $0 } }
    var last: EditorResult? { all.last }

    /// An input is whole when its parentheses are closed, unless said otherwise.
    static func isBalanced(_ text: String) -> Bool {
        text.count { $0 == "(" } <= text.count { $0 == ")" }
    }

    private static let environment: Void = {
        setenv("TERM", "xterm-256color", 1)
    }()

    init(
        on terminal: Terminal, prompt: String = "arc> ", history: String? = nil,
        isComplete: @escaping @Sendable (String) -> Bool = TerminalEditor.isBalanced,
        completion: @escaping @Sendable (String, Int) -> [Completion] = { _, _ in [] }
    ) throws {
        TerminalEditor.environment
        let descriptor = try terminal.openProgramSide()
        DispatchQueue(label: "editor").async { [self] in
            do {
                let editor = try LineEditor(
                    history: history.map { HistoryFile(path: $0) }, input: descriptor, output: descriptor,
                    completion: completion)
                read(editor, descriptor, prompt, isComplete)
            } catch {
                results.withLock { $0.append(.endOfFile) }
            }
            close(descriptor)
            ended.signal()
        }
    }

    private func read(
        _ editor: LineEditor, _ descriptor: Int32, _ prompt: String, _ isComplete: (String) -> Bool
    ) {
        while true {
            let result = editor.read(prompt: prompt, isComplete: isComplete)
            let count = results.withLock { results in
                results.append(result)
                return results.count
            }
            let note = Array("=> \(count)\n".utf8)
            _ = write(descriptor, note, note.count)
            if result == .endOfFile { return }
        }
    }

    /// Waits for the editor's thread to end, as it does after Ctrl-D.
    func waitForEnd() -> Bool {
        ended.wait(timeout: .now() + 10) == .success
    }
}
