import ArcHost
import Glibc

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

    /// Writes data.
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = fwrite($0.baseAddress, 1, $0.count, stdout) }
        if isTerminal { fflush(stdout) }
    }

    /// Writes a line for people, to standard error.
    static func note(_ text: String) {
        fflush(stdout)
        var line = text.hasSuffix("\n") ? text : text + "\n"
        line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
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
