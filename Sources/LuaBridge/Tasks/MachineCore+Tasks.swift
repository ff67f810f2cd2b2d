internal import CLua
internal import Synchronization

/// Tasks: C runs them and knows how they depend on each other; here is what they wait for outside.
extension MachineCore {
    /// Puts a call behind the tasks that are ready.
    func start(_ function: LuaFunction, _ arguments: [LuaValue]) throws(LuaError) -> UInt64 {
        guard function.core === self else {
            throw LuaError(.value, "a function can't be called in another machine than its own")
        }
        let lua = try state()
        var task: UInt64 = 0
        guard let arena = arc_arena_new(lua) else { throw Self.outOfMemory }
        defer { arc_arena_free(lua, arena) }
        try NodeWriter(core: self, arena: arena).write(arguments)
        try check(arc_task_start(lua, function.reference, arena, &task))
        return task
    }

    func add(_ root: Schedule.Root, for task: UInt64) { schedule.withLock { $0.roots[task] = root } }

    // MARK: What tasks wait for

    /// Starts what a task has to wait for; its values where they were there at once.
    func start(
        _ body: @escaping @Sendable (HostCall) async throws -> [LuaValue], _ call: HostCall
    ) throws -> [LuaValue]? {
        guard let lua else { return [] }
        let task = arc_machine_running(lua)
        let root = arc_machine_root(lua)
        let surroundings = schedule.withLock { $0.roots[root]?.surroundings }
        let waiting = WaitingOperation()
        let work = Task.immediate { [self] in
            let result: Result<[LuaValue], any Error>
            do {
                if let surroundings {
                    result = .success(try await surroundings.around { try await body(call) })
                } else {
                    result = .success(try await body(call))
                }
            } catch {
                result = .failure(error)
            }
            if waiting.answer(result) { deliver(Schedule.Answer(task: task, result: result)) }
        }
        if let result = waiting.started() { return try result.get() }
        schedule.withLock { $0.pending[task] = work }
        return nil
    }

    /// Any thread.
    private func deliver(_ answer: Schedule.Answer) {
        schedule.withLock { $0.answers.append(answer) }
        wake()
    }

    /// Ends what a group's members do when the time is over.
    func startTimer(of group: UInt64, _ time: Duration, on clock: any Clock<Duration>) {
        let timer = Task { [self] in
            guard (try? await clock.sleep(for: time)) != nil, let lua else { return }
            arc_group_expire(lua, group)
            wakeAfterKill()
        }
        schedule.withLock { $0.pending[group] = timer }
    }

    // MARK: Ending

    /// Any thread.
    func kill(_ task: UInt64, _ reason: arc_kill = ARC_KILL_CANCELLED) {
        guard let lua else { return }
        arc_task_kill(lua, task, Int32(reason.rawValue))
        wakeAfterKill()
    }

    /// Any thread: ends everything that runs or waits now.
    func interrupt(_ reason: arc_kill = ARC_KILL_CANCELLED) {
        for root in schedule.withLock({ Array($0.roots.keys) }) { kill(root, reason) }
    }

    private func wakeAfterKill() {
        takeNotices()
        wake()
    }

    /// Cancels what nobody waits for any more.
    private func takeNotices() {
        guard let lua else { return }
        while case let number = arc_machine_next_notice(lua), number != 0 {
            schedule.withLock { schedule in
                // A task still waits for its answer; a group is gone.
                number >> 63 == 0 ? schedule.pending[number] : schedule.pending.removeValue(forKey: number)
            }?.cancel()
        }
    }

    /// The machine is closed: nothing is resumed any more.
    func endAll() {
        let (roots, pending) = schedule.withLock { $0.removeAll() }
        for work in pending { work.cancel() }
        for root in roots {
            root.clock?.cancel()
            root.continuation.resume(returning: .failure(LuaError(.closed, "the Lua machine was closed")))
        }
    }

    // MARK: Running

    /// Any thread: sees to it that what is ready runs.
    private func wake() {
        guard schedule.withLock({ $0.wake() }) else { return }
        machine?.later { self.run() }
    }

    /// Runs what is ready, and resumes what was answered, until nothing of it is left. On the machine's executor.
    func run() {
        guard let lua = try? state() else { return }
        let machine = machine
        defer { withExtendedLifetime(machine) {} }
        // Others want to use the machine too.
        for _ in 0..<1000 {
            guard step(lua) else {
                if schedule.withLock({ $0.endRun() }), !endStuck(lua) { return }
                continue
            }
            takeNotices()
            if isClosed { return }
        }
        _ = schedule.withLock { $0.wake() }
        machine?.later { self.run() }
    }

    /// Whether there was something to do.
    private func step(_ lua: OpaquePointer) -> Bool {
        var status: Int32 = 0
        var ended: UInt64 = 0
        if let answer = schedule.withLock({ $0.nextAnswer() }) {
            status = resume(answer, lua, &ended)
        } else if !arc_machine_run(lua, &status, &ended) {
            return false
        }
        if ended != 0 { end(ended, status, lua) }
        return true
    }

    private func resume(_ answer: Schedule.Answer, _ lua: OpaquePointer, _ ended: inout UInt64) -> Int32 {
        // Nobody can be told; the machine has no memory left for anything else either.
        guard let arena = arc_arena_new(lua) else { return Int32(ARC_WAITING.rawValue) }
        let writer = NodeWriter(core: self, arena: arena)
        do {
            try writer.write(try answer.result.get())
            return arc_task_resume(lua, answer.task, arena, false, &ended)
        } catch {
            arc_arena_clear(arena)
            writer.write(error: error)
            return arc_task_resume(lua, answer.task, arena, true, &ended)
        }
    }

    private func end(_ task: UInt64, _ status: Int32, _ lua: OpaquePointer) {
        let result: Result<[LuaValue], LuaError>
        do {
            try check(status)
            result = .success(values(lua))
        } catch {
            result = .failure(error)
        }
        let root = schedule.withLock { $0.roots.removeValue(forKey: task) }
        root?.clock?.cancel()
        root?.continuation.resume(returning: result)
    }

    /// Tasks that wait for each other alone would wait for ever. Whether there were any.
    private func endStuck(_ lua: OpaquePointer) -> Bool {
        let stuck = schedule.withLock { $0.isStuck ? Array($0.roots.keys) : [] }
        for root in stuck { arc_task_kill(lua, root, Int32(ARC_KILL_DEADLOCK.rawValue)) }
        return !stuck.isEmpty
    }
}
