import CEdit
import Glibc

/// What a read at the prompt ended with.
enum EditorResult: Equatable, Sendable {
    /// An input, perhaps of several lines, without the newline that ended it.
    case input(String)
    /// Ctrl-C: what was typed is gone.
    case interrupted
    /// Ctrl-D with nothing typed, or the terminal is gone.
    case endOfFile
}

/// Reads inputs from a terminal: editing over several lines, history, completion, safe pastes.
///
/// It blocks the thread that reads, and one thread at a time uses it. While it reads, Ctrl-C is a key; between reads
/// it is the signal SIGINT again.
final class LineEditor {
    private let editor: OpaquePointer
    private let file: HistoryFile?
    private let completion: (String, Int) -> [Completion]
    private var history = HistoryState()
    private var tab = CompletionState()
    private var isComplete: (String) -> Bool = { _ in true }

    /// Why the history can't be kept, once that has shown. Inputs are then remembered until arc ends.
    private(set) var historyProblem: EditorError?

    /// An editor on a terminal, by default that of standard input and output. `completion` is given the text and
    /// the cursor's offset in its UTF-8, and must answer at once.
    ///
    /// Throws where one of the descriptors isn't a terminal.
    init(
        history file: HistoryFile?, input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO,
        completion: @escaping (String, Int) -> [Completion]
    ) throws(EditorError) {
        guard let editor = arc_edit_open(input, output) else { throw .opening(errno: errno) }
        self.editor = editor
        self.file = file
        self.completion = completion
        load()
    }

    deinit {
        arc_edit_close(editor)
    }

    /// Reads one input. Enter submits it if `isComplete` says that it is whole, and else begins another row;
    /// Alt-Enter always begins another row. The prompt may hold colours (`ESC [ … m`) and newlines.
    func read(prompt: String, isComplete: (String) -> Bool) -> EditorResult {
        withoutActuallyEscaping(isComplete) { isComplete in
            self.isComplete = isComplete
            defer { self.isComplete = { _ in true } }
            return read(PromptText(prompt))
        }
    }

    private func read(_ prompt: PromptText) -> EditorResult {
        tab.reset()
        history.reset()
        arc_edit_write(editor, prompt.above)
        let context = Unmanaged.passUnretained(self).toOpaque()
        switch arc_edit_read(editor, prompt.line, handleKey, context) {
        case ARC_EDIT_INTERRUPTED: return .interrupted
        case ARC_EDIT_END_OF_FILE: return .endOfFile
        default:
            let input = text().text
            remember(input)
            return .input(input)
        }
    }

    // MARK: - Keys

    fileprivate func handle(_ key: arc_edit_key) {
        if key != ARC_EDIT_KEY_COMPLETE { tab.reset() }
        let (text, cursor) = text()
        switch key {
        case ARC_EDIT_KEY_ENTER:
            if isComplete(text) { arc_edit_submit(editor) } else { arc_edit_insert(editor, "\n") }
        case ARC_EDIT_KEY_COMPLETE: complete(text, cursor)
        case ARC_EDIT_KEY_OLDER: show(history.older(than: text))
        case ARC_EDIT_KEY_NEWER: show(history.newer(than: text))
        case ARC_EDIT_KEY_OLDER_MATCHING:
            show(history.older(than: text, beginningWith: text.prefix(bytes: cursor)))
        case ARC_EDIT_KEY_NEWER_MATCHING:
            show(history.newer(than: text, beginningWith: text.prefix(bytes: cursor)))
        default: break
        }
    }

    private func show(_ text: String?) {
        guard let text else { return arc_edit_beep(editor) }
        arc_edit_replace(editor, text)
    }

    private func complete(_ text: String, _ cursor: Int) {
        switch tab.tab(text: text, cursor: cursor, candidates: completion(text, cursor)) {
        case .replace(let scalars, let replacement):
            arc_edit_erase(editor, Int32(scalars))
            arc_edit_insert(editor, replacement)
        case .list(let labels):
            arc_edit_show(editor, CandidateList.text(labels, width: Int(arc_edit_columns(editor))))
        case .beep: arc_edit_beep(editor)
        }
    }

    /// The text as it stands, and the cursor's offset in its UTF-8.
    private func text() -> (text: String, cursor: Int) {
        var length = 0
        var cursor = 0
        let bytes = arc_edit_text(editor, &length, &cursor)
        let buffer = UnsafeBufferPointer(start: bytes, count: length)
        return (String(decoding: buffer.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self), cursor)
    }

    // MARK: - History

    private func load() {
        do {
            history = HistoryState(entries: try file?.load() ?? [])
        } catch {
            historyProblem = error
        }
        for entry in history.entries { arc_edit_remember(editor, entry) }
    }

    private func remember(_ input: String) {
        guard history.submit(input) else { return }
        arc_edit_remember(editor, input)
        guard historyProblem == nil else { return }
        do {
            try file?.append(input)
        } catch {
            historyProblem = error
        }
    }
}

private func handleKey(_ context: UnsafeMutableRawPointer?, _ key: arc_edit_key) {
    guard let context else { return }
    Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue().handle(key)
}

extension String {
    /// The text up to an offset in its UTF-8, which stands between two scalars.
    fileprivate func prefix(bytes: Int) -> String {
        String(self[..<(utf8.index(startIndex, offsetBy: bytes, limitedBy: endIndex) ?? endIndex)])
    }
}
