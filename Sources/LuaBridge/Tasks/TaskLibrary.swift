/// Concurrency for scripts: `map`, `gather`, `timeout`, `sleep`.
///
/// Parents outlive their children; the first failure cancels the other children, and is raised when all have ended.
/// The work's values never leave Lua.
public enum TaskLibrary {
    /// Adds the functions to a configuration, at a dotted path such as `arc`.
    ///
    /// - `map(items, fn, {concurrency = n, on_error = "cancel" | "collect"})`: the results of `fn(item, index)` in
    ///   the order of the items; with `collect` also the errors, by index.
    /// - `gather{f1, f2, …}`: the first results of all functions, in order.
    /// - `timeout(seconds, fn, …)`: what `fn(…)` returns, or an error with the code `timeout`.
    /// - `sleep(seconds)`.
    ///
    /// - Parameter clock: what `sleep` and `timeout` go by.
    public static func add(
        to configuration: inout MachineConfiguration, at path: String,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        let names = ["map", "gather", "timeout", "sleep"]
        configuration.functions += functions(path: path, clock: clock)
        configuration.preludes.append(
            LuaSource(name: "=[tasks]", text: String(decoding: PackageResources.tasks_lua, as: UTF8.self)))
        configuration.preludes.append(
            LuaSource(
                name: "=[tasks]",
                text: """
                    local host = ...
                    local at = _G
                    for name in ("\(path)"):gmatch("[^.]+") do
                      at[name] = at[name] or {}
                      at = at[name]
                    end
                    for _, name in ipairs{\(names.map { "\"\($0)\"" }.joined(separator: ", "))} do
                      at[name] = host.tasks[name]
                    end
                    """))
    }

    private static func functions(path: String, clock: any Clock<Duration>) -> [HostFunction] {
        [
            .waiting("host.run_tasks") { call in
                try await run(call[0].table?.array.compactMap(\.function) ?? [], on: call.machine)
                return []
            },
            .waiting("host.run_within") { call in
                let seconds = try duration(call[0], of: "\(path).timeout")
                guard let function = call[1].function else { return [] }
                try await run(function, within: seconds, on: call.machine, clock: clock)
                return []
            },
            .waiting("host.sleep") { call in
                try await sleep(for: duration(call[0], of: "\(path).sleep"), on: clock)
                return []
            },
        ]
    }

    private static func duration(_ value: LuaValue, of name: String) throws(LuaError) -> Duration {
        guard let seconds = value.numberValue, seconds >= 0, seconds < 1e9 else {
            let got = value.numberValue.map { "\($0)" } ?? value.typeName
            throw LuaError(.argument, "\(name): seconds must be a number from 0 to 1e9, got \(got)")
        }
        return .seconds(seconds)
    }

    private static func sleep(for duration: Duration, on clock: some Clock<Duration>) async throws {
        try await clock.sleep(for: duration)
    }

    /// Waits for all; the first failure cancels the others and is thrown when they have ended.
    private static func run(_ functions: [LuaFunction], on machine: Machine) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for function in functions {
                group.addTask { _ = try await machine.drive(function, []).get() }
            }
            for try await _ in group {}
        }
    }

    /// Waits for the function or the time, whichever comes first; the function has ended in either case.
    private static func run(
        _ function: LuaFunction, within time: Duration, on machine: Machine, clock: any Clock<Duration>
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = try await machine.drive(function, []).get()
                return true
            }
            group.addTask {
                try await sleep(for: time, on: clock)
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == true { return }
            group.cancelAll()
            _ = try? await group.next()
            throw LuaError(.timeout, "the time of \(time.formattedSeconds) s is over")
        }
    }
}

extension Duration {
    var formattedSeconds: String {
        let (seconds, attoseconds) = components
        let value = Double(seconds) + Double(attoseconds) / 1e18
        return value == value.rounded() ? "\(seconds)" : "\(value)"
    }
}
