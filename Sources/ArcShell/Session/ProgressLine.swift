import ArcHost
import Glibc
import Synchronization

/// The line on standard error that says how far the work is, where that is a terminal.
enum ProgressLine {
    private static let state = Mutex(ProgressState())
    private static let began = ContinuousClock.now

    /// Shows how far a piece of work is; of `total`, where that is known. Any thread.
    static func show(_ subject: String = "", unit: String, _ done: Int, of total: Int? = nil) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        let work = ProgressState.Work(subject: subject, unit: unit, done: done, total: total)
        perform { $0.count(work, now: ContinuousClock.now - began) }
    }

    /// Takes the line away, since something else is about to be written.
    static func wipe() { perform { $0.wipe() } }

    /// Takes the line away for good.
    static func end() { perform { $0.end() } }

    private static func perform(_ change: (inout ProgressState) -> ProgressState.Action) {
        state.withLock { state in
            switch change(&state) {
            case .nothing: break
            case .draw(let text): write(String(DisplayWidth.prefix(of: text, columns: width - 1)))
            case .wipe: write("")
            }
        }
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func write(_ text: String) {
        var bytes = "\r\u{1B}[K" + text
        bytes.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
