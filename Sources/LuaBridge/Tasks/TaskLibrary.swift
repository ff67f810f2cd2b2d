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
        configuration.preludes.append(LuaSource(name: "=tasks", text: Self.source))
        configuration.preludes.append(
            LuaSource(
                name: "=tasks",
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

    private static let source = """
        local host = ...
        local run_tasks, run_within = host.run_tasks, host.run_within
        local pack, unpack, pcall, error, type = table.pack, table.unpack, pcall, error, type
        local tasks = { sleep = host.sleep }
        host.tasks = tasks

        local function options_of(options)
          if options == nil then return 16, "cancel" end
          if type(options) ~= "table" then error("map: options must be a table, got " .. type(options), 3) end
          for key in pairs(options) do
            if key ~= "concurrency" and key ~= "on_error" then
              error("map: unknown option '" .. tostring(key) .. "'; there are concurrency and on_error", 3)
            end
          end
          local concurrency, on_error = options.concurrency or 16, options.on_error or "cancel"
          if math.type(concurrency) ~= "integer" or concurrency < 1 then
            error("map: concurrency must be an integer from 1, got " .. tostring(concurrency), 3)
          end
          if on_error ~= "cancel" and on_error ~= "collect" then
            error("map: on_error must be 'cancel' or 'collect', got " .. tostring(on_error), 3)
          end
          return concurrency, on_error
        end

        local function check_callable(name, value, level)
          local meta = getmetatable(value)
          if type(value) ~= "function" and not (type(meta) == "table" and meta.__call) then
            error(name .. " must be a function, got " .. type(value), level + 1)
          end
        end

        function tasks.map(items, fn, options)
          if items == nil then error("map: items must be a table or the like, got nil", 2) end
          check_callable("map: the second argument", fn, 2)
          local concurrency, on_error = options_of(options)
          local count, next_index = #items, 0
          local results, errors = {}, {}
          local function worker()
            while next_index < count do
              next_index = next_index + 1
              local index = next_index
              if on_error == "cancel" then
                results[index] = fn(items[index], index)
              else
                local ok, result = pcall(fn, items[index], index)
                if ok then results[index] = result else errors[index] = result end
              end
            end
          end
          local workers = {}
          for i = 1, math.min(concurrency, count) do workers[i] = worker end
          if count > 0 then run_tasks(workers) end
          if on_error == "collect" then return results, errors end
          return results
        end

        function tasks.gather(functions)
          if type(functions) ~= "table" then
            error("gather: a table of functions is needed, got " .. type(functions), 2)
          end
          local results, workers = {}, {}
          for index = 1, #functions do
            local fn = functions[index]
            check_callable("gather: item " .. index, fn, 2)
            workers[index] = function() results[index] = fn() end
          end
          if #workers > 0 then run_tasks(workers) end
          return results
        end

        function tasks.timeout(seconds, fn, ...)
          check_callable("timeout: the second argument", fn, 2)
          local arguments, results = pack(...), nil
          run_within(seconds, function()
            results = pack(fn(unpack(arguments, 1, arguments.n)))
          end)
          return unpack(results, 1, results.n)
        end
        """
}

extension Duration {
    var formattedSeconds: String {
        let (seconds, attoseconds) = components
        let value = Double(seconds) + Double(attoseconds) / 1e18
        return value == value.rounded() ? "\(seconds)" : "\(value)"
    }
}
