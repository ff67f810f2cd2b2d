import Glibc

/// A real pseudo-terminal, seen from the side of the person at it.
final class Terminal {
    /// What stands at the terminal's other end: `/dev/pts/N`.
    let path: String
    private let person: Int32
    private(set) var screen: TerminalScreen
    /// Everything that was written, as bytes.
    private(set) var transcript: [UInt8] = []

    /// A wait that was in vain; it shows the screen.
    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    struct SystemError: Error {
        let call: String
        let number: Int32
    }

    init(columns: Int = 80, rows: Int = 24) throws {
        person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), which are macros that Swift doesn't see.
        var locked: Int32 = 0
        var number: Int32 = 0
        guard person >= 0, ioctl(person, 0x4004_5431, &locked) == 0, ioctl(person, 0x8004_5430, &number) == 0
        else {
            throw SystemError(call: "/dev/ptmx", number: errno)
        }
        path = "/dev/pts/\(number)"
        screen = TerminalScreen(columns: columns, rows: rows)
        setSize()
    }

    deinit {
        close(person)
    }

    /// Opens the end at which a program reads and writes. It doesn't become the caller's own terminal.
    func openProgramSide() throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        if descriptor < 0 { throw SystemError(call: "open", number: errno) }
        return descriptor
    }

    /// Starts a program on this terminal, as the leader of a session of its own; it is its controlling terminal.
    func spawn(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws
        -> pid_t
    {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID; glibc starts the session before it opens files, so the terminal becomes its own.
        posix_spawnattr_setflags(&attributes, 0x80)

        let base = ["TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        let variables = base.merging(environment) { $1 }.map { "\($0)=\($1)" }
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, program, &actions, &attributes, &argv, &envp)
        if result != 0 { throw SystemError(call: "posix_spawn \(program)", number: result) }
        return process
    }

    // MARK: - What a person does

    /// Types a text; control characters and escape sequences are keys.
    func send(_ keys: String) {
        send(Array(keys.utf8))
    }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        // The other side may wait for its output to be read before it reads on.
        while !rest.isEmpty {
            var waiting = pollfd(fd: person, events: Int16(POLLIN | POLLOUT), revents: 0)
            guard poll(&waiting, 1, 10_000) > 0 else { return }
            if waiting.revents & Int16(POLLIN) != 0 { readAvailable() }
            guard waiting.revents & Int16(POLLOUT) != 0 else { continue }
            let written = rest.prefix(512).withUnsafeBytes { write(person, $0.baseAddress, $0.count) }
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }

    /// Pastes a text as a terminal does that was asked for bracketed paste.
    func paste(_ text: String) {
        let ends = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r")
        send("\u{1B}[200~" + ends + "\u{1B}[201~")
    }

    /// Changes the window's size. The kernel tells the programs whose controlling terminal this is.
    func resize(columns: Int, rows: Int) {
        screen.resize(columns: columns, rows: rows)
        setSize()
    }

    private func setSize() {
        var size = winsize(
            ws_row: UInt16(screen.rows), ws_col: UInt16(screen.columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(person, UInt(TIOCSWINSZ), &size)
    }

    // MARK: - What a person sees

    /// Reads until the screen is as expected, and throws what it shows instead when the time is over.
    func wait(
        for what: String, within seconds: Double = 10, until isSo: (TerminalScreen) -> Bool
    ) throws {
        let deadline = now() + seconds
        while !isSo(screen) {
            guard readNext(before: deadline) || isSo(screen) else {
                throw Timeout(
                    description: """
                        waited for \(what); the cursor is at row \(screen.row), column \(screen.column) of
                        \(screen.lines.map { "|\($0)" }.joined(separator: "\n"))
                        """)
            }
        }
    }

    /// Reads until the screen holds a text.
    func wait(for text: String, within seconds: Double = 10) throws {
        try wait(for: text.debugDescription, within: seconds) { screen in
            screen.lines.joined(separator: "\n").contains(text)
        }
    }

    /// Reads until the last lines of the screen are these.
    func wait(forEnd lines: String..., within seconds: Double = 10) throws {
        try wait(for: "the end \(lines)", within: seconds) { $0.lines.suffix(lines.count) == lines }
    }

    /// Waits for a process to leave the terminal and end, and returns its exit status: 128 and the signal that
    /// ended it, where one did.
    func waitForExit(of process: pid_t, within seconds: Double = 10) throws -> Int32 {
        let deadline = now() + seconds
        while readNext(before: deadline) {}
        if now() >= deadline { kill(process, SIGKILL) }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        if now() >= deadline {
            throw Timeout(description: "the program didn't end; it shows \(screen.lines)")
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// Waits for output, and reads it. False where the time is over, or nobody is at the other end.
    private func readNext(before deadline: Double) -> Bool {
        var waiting = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        let left = deadline - now()
        return left > 0 && poll(&waiting, 1, Int32((left * 1000).rounded(.up))) > 0 && readAvailable()
    }

    /// Reads what there is. False where nobody is at the other end.
    @discardableResult
    private func readAvailable() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(person, &buffer, buffer.count)
        guard count > 0 else { return false }
        transcript += buffer[..<count]
        screen.write(buffer[..<count])
        return true
    }

    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
