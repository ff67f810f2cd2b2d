import ArcHost
import Glibc
import Synchronization

/// Standard output and standard error: data goes to the first, everything else to the second.
enum Output {
    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The terminal's width in columns; nil where standard output isn't one, since nothing is cut there.
    static var width: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether to colour what goes to standard output: on a terminal, unless NO_COLOR says no; anywhere, where
    /// FORCE_COLOR says so.
    static var hasColour: Bool {
        if let force = variable("FORCE_COLOR") { return force != "0" }
        return isTerminal && variable("NO_COLOR") == nil && variable("TERM") != "dumb"
    }

    /// How tables are laid out for standard output.
    static var tableOptions: TableOptions {
        var options = TableOptions()
        options.width = width
        options.terminal = isTerminal
        if isTerminal { options.rowLimit = 40 }
        if hasColour { options.paint = paint }
        return options
    }

    private static let pending = Mutex<[UInt8]>([])

    /// Whether anybody may still read what goes to standard output.
    static var hasReader: Bool { !readerLeft.load(ordering: .relaxed) }
    private static let readerLeft = Atomic(false)

    /// Writes data: at once to a terminal, in large pieces elsewhere.
    static func write(_ text: String) { write(text.utf8) }

    /// Writes data that is text already.
    static func write(_ bytes: some Collection<UInt8>) {
        let isFull = pending.withLock { pending in
            pending += bytes
            return pending.count >= 65536
        }
        if isFull || isTerminal { flush() }
    }

    /// Writes what is still pending; to be called before arc ends.
    static func flush() {
        pending.withLock { pending in
            guard !pending.isEmpty else { return }
            ProgressLine.wipe()
            send(pending, to: STDOUT_FILENO)
            pending.removeAll(keepingCapacity: true)
        }
    }

    /// Writes a line for people, to standard error. What plugins and data put into it does nothing to a terminal.
    static func note(_ text: String) {
        flush()
        ProgressLine.wipe()
        let parts = text.split(separator: "\t", omittingEmptySubsequences: false)
        let shown = parts.map { VisibleText.lines(String($0)) }.joined(separator: "\t")
        send(Array((shown.hasSuffix("\n") ? shown : shown + "\n").utf8), to: STDERR_FILENO)
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return lose(descriptor) }
            rest = rest.dropFirst(count)
        }
    }

    /// What was to be written is lost: a job must not end well then. A reader that has gone away wants no more.
    private static func lose(_ descriptor: Int32) {
        guard descriptor == STDOUT_FILENO else { return }
        guard errno != EPIPE else { return readerLeft.store(true, ordering: .relaxed) }
        var line = "arc: standard output can't be written: \(String(cString: strerror(errno)))\n"
        line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        _exit(ExitStatus.error.rawValue)
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    @Sendable private static func paint(_ part: TableOptions.Part, _ text: String) -> String {
        switch part {
        case .heading: "\u{1B}[1m\(text)\u{1B}[0m"
        case .rule, .null, .note: "\u{1B}[2m\(text)\u{1B}[0m"
        }
    }
}

/// Standard input as text.
enum StandardInput {
    /// Everything until its end.
    static func text() throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw HostError(.input, "standard input is not valid UTF-8")
        }
        return text
    }
}
