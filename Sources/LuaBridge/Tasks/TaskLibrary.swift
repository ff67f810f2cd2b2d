/// Concurrency for scripts: `map`, `gather`, `timeout`, `scope`, `channel`, `sleep`.
///
/// Parents outlive their children; the first failure cancels the other children, and is raised when all have ended.
/// The work's values never leave Lua.
public enum TaskLibrary {
    /// What a `map` with `progress = true`, or with a label, tells after each item.
    public typealias ShowProgress = @Sendable (_ label: String, _ done: Int, _ total: Int) -> Void

    private static let names = ["map", "gather", "timeout", "scope", "channel", "sleep"]

    /// Adds the functions to a configuration, at a dotted path such as `arc`.
    ///
    /// - `map(items, fn, {concurrency = n, on_error = "cancel" | "collect", progress = true | label | function})`: the
    ///   results of `fn(item, index)` in the order of the items; with `collect` also the errors, by index.
    /// - `gather{f1, f2, name = f3, …}`: the first results of all functions, by their keys.
    /// - `timeout(seconds, fn, …)`: what `fn(…)` returns, or an error with the code `timeout`.
    /// - `scope(fn)`: what `fn(scope)` returns when all tasks have ended that it started with `scope:spawn(fn, …)`, which
    ///   gives a task whose `wait()` gives its results; `scope:cancel()` ends them.
    /// - `channel(capacity)`: `send(value)`, `receive()`, `values()`, `close()`.
    /// - `sleep(seconds)`; 0 lets the other tasks go first.
    ///
    /// - Parameters:
    ///   - clock: what `sleep` and `timeout` go by.
    ///   - progress: where `map` shows how far it is.
    public static func add(
        to configuration: inout MachineConfiguration, at path: String,
        clock: any Clock<Duration> = ContinuousClock(), progress: @escaping ShowProgress = { _, _, _ in }
    ) {
        configuration.functions += functions(path: path, clock: clock, progress: progress)
        let text = String(decoding: PackageResources.tasks_lua, as: UTF8.self)
        configuration.preludes += [
            LuaSource(name: "=[tasks]", text: "local host = ... host.task_path = \"\(path)\""),
            LuaSource(name: "=[tasks]", text: text),
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
                    """),
        ]
    }

    private static func functions(
        path: String, clock: any Clock<Duration>, progress: @escaping ShowProgress
    ) -> [HostFunction] {
        [
            .immediate("host.start_timer") { call in
                let time = try duration(call[1], of: "\(path).timeout")
                guard let group = call[0].integerValue else { return [] }
                call.core.startTimer(of: UInt64(bitPattern: group), time, on: clock)
                return []
            },
            .immediate("host.raise_timeout") { call in
                let time = try duration(call[0], of: "\(path).timeout")
                throw LuaError(.timeout, "the time of \(time.formattedSeconds) s is over")
            },
            .waiting("host.sleep") { call in
                try await sleep(for: duration(call[0], of: "\(path).sleep"), on: clock)
                return []
            },
            .immediate("host.show_progress") { call in
                progress(
                    call[0].stringValue ?? "", Int(call[1].integerValue ?? 0), Int(call[2].integerValue ?? 0))
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
}

extension Duration {
    var formattedSeconds: String {
        let (seconds, attoseconds) = components
        let value = Double(seconds) + Double(attoseconds) / 1e18
        return value == value.rounded() ? "\(seconds)" : "\(value)"
    }
}
