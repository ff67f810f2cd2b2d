internal import CLua

/// A Lua machine: its own memory, its own globals, its own thread of execution.
///
/// Each ``run(_:name:arguments:)`` and ``call(_:_:)`` is a task, a coroutine of its own: while a task waits for a
/// host function, others go on. Cancelling the Swift task cancels what it waits for and ends the Lua code, which
/// `pcall` can't keep alive.
public actor Machine {
    /// Where the machine's code runs.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let executor = QueueExecutor()
    nonisolated let core: MachineCore
    /// Bytes that Lua and the objects that it holds may take together; nil for no limit.
    public nonisolated let memoryLimit: Int?
    private let clock: any Clock<Duration>
    private let surroundings: @Sendable () -> CallSurroundings?

    /// Makes a machine, places what the configuration names, and runs its preludes.
    /// Throws where a prelude is wrong or the memory limit is too low for what is placed.
    public init(_ configuration: MachineConfiguration = MachineConfiguration()) throws(LuaError) {
        core = MachineCore(timeLimit: configuration.timeLimit)
        memoryLimit = configuration.memoryLimit
        clock = configuration.clock
        surroundings = configuration.surroundings
        core.machine = self
        do {
            try core.open(limit: configuration.memoryLimit)
            try core.furnish(configuration)
        } catch {
            core.close()
            throw error
        }
    }

    deinit { core.close() }

    /// Runs a chunk of Lua text as a new task, and returns what it returns.
    ///
    /// - Parameters:
    ///   - source: the text; a first line that begins with `#` is skipped as Lua does for files.
    ///   - name: how errors and tracebacks call it.
    ///   - arguments: what the chunk gets as `...`.
    public func run(
        _ source: String, name: String, arguments: [LuaValue] = []
    ) async throws(LuaError) -> [LuaValue] {
        try await call(try core.load(source, name: name), arguments)
    }

    /// Calls a function as a new task, and returns what it returns. Throws what it raises; ``LuaError/Code/timeLimit``
    /// where it takes longer than the machine allows.
    public func call(
        _ function: LuaFunction, _ arguments: [LuaValue] = []
    ) async throws(LuaError) -> [LuaValue] {
        let task = try core.start(function, arguments)
        let surroundings = surroundings()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let clock = core.timeLimit.map { startClock(of: task, $0) }
                core.add(
                    Schedule.Root(continuation: continuation, surroundings: surroundings, clock: clock),
                    for: task)
                core.run()
            }
        } onCancel: {
            core.kill(task)
        }
        return try result.get()
    }

    private func startClock(of task: UInt64, _ limit: Duration) -> Task<Void, Never> {
        Task { [core, clock] in
            guard (try? await clock.sleep(for: limit)) != nil else { return }
            core.kill(task, ARC_KILL_TIME)
        }
    }

    /// Runs a piece of work on the machine's executor, and keeps the machine until then.
    nonisolated func later(_ work: @escaping @Sendable () -> Void) {
        executor.enqueue {
            work()
            withExtendedLifetime(self) {}
        }
    }

    /// Whether a text is Lua, and whether more of it may make it so.
    public func check(_ source: String, name: String) -> SyntaxCheck { core.check(source, name: name) }

    /// A global's value, read without metamethods; nil where it can't be read.
    public func global(_ name: String) -> LuaValue { (try? core.global(name)) ?? .nil }

    /// Sets a global.
    public func setGlobal(_ name: String, _ value: LuaValue) throws(LuaError) {
        try core.place(value, at: name)
    }

    /// The value as Lua's `tostring` shows it. Runs the value's `__tostring`, as a task.
    public func describe(_ value: LuaValue) async -> String {
        do {
            let function = try core.load("return tostring((...))", name: "=describe")
            let shown = try await call(function, [value])
            return shown.first?.stringValue ?? "(a string that isn't UTF-8)"
        } catch {
            return "(\(error))"
        }
    }

    /// The names and type names of the fields at a path from the globals, sorted. Read without running any Lua code,
    /// through metatables whose `__index` is a table. Empty where there is nothing.
    public func keys(ofPath path: [String]) -> [(name: String, kind: String)] {
        core.keys(ofPath: path)
    }

    /// Bytes that Lua uses, with the footprints of the objects that it holds.
    public var memoryInUse: Int { core.memory }

    /// Ends everything that runs or waits now, from any thread: the tasks throw ``LuaError/Code/cancelled``.
    /// What is started afterwards isn't touched.
    public nonisolated func interrupt() { core.interrupt() }

    /// As ``interrupt()``, but without a moment for closing code: nothing of what runs now does anything more.
    public nonisolated func exit() { core.interrupt(ARC_KILL_EXIT) }

    /// Frees Lua and lets go of every object. Tasks that wait are cancelled and throw; so does later use.
    public func close() { core.close() }
}

/// What a piece of text is as Lua.
public enum SyntaxCheck: Sendable {
    /// It can run; as an expression too, that is with `return` before it.
    case complete(isExpression: Bool)
    /// It ends too early: more text may complete it.
    case incomplete
    /// It isn't Lua.
    case wrong(LuaError)
}
