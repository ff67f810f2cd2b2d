import ArcKit
import LuaBridge

/// A failure as categorizers see it.
struct OpenFailure: Sendable {
    /// What is known of a trajectory.
    enum Trajectory: Sendable {
        case none
        /// As JSON text.
        case here(String)
        /// It is read once a categorizer asks for it.
        case elsewhere
    }

    var status: OutcomeStatus
    var message: String?
    var code: String?
    var scenario: String
    var trajectory = Trajectory.none

    init(_ outcome: Outcome) {
        (status, message, code) = (outcome.status, outcome.errorMessage, outcome.errorCode)
        scenario = outcome.scenario.id
        trajectory = outcome.trajectory.map { .here($0) } ?? .none
    }

    init(_ failure: RecordedFailure) {
        (status, message, code) = (failure.status, failure.message, failure.code)
        scenario = failure.scenario
        trajectory = failure.hasTrajectory ? .elsewhere : .none
    }

    fileprivate var isIncomplete: Bool {
        if case .elsewhere = trajectory { true } else { false }
    }

    fileprivate var value: LuaValue {
        var trajectory = LuaValue.nil
        if case .here(let text) = self.trajectory { trajectory = .object(JSONDocument(text)) }
        return .table(
            LuaTable([
                "status": .string(status.rawValue), "message": .string(message ?? ""),
                "code": .optional(code), "scenario_id": .string(scenario), "trajectory": trajectory,
            ]))
    }
}

/// What categorizers say of a failure.
struct CategoryAnswer: Sendable {
    /// Its category; nil where none knows one.
    var category: String?
    /// The categorizer that knows it, as PLUGIN/NAME.
    var categorizer: String?
    /// Whether a categorizer failed that comes before: what it would have said nobody knows.
    var isUncertain = false
}

extension PluginHost {
    private typealias Categorizer = (plugin: Plugin, part: Plugin.Part)

    /// The outcomes, with a category for each failure that has none and that a categorizer knows. One that fails is passed
    /// over, and is kept and told as a failure: results are recorded all the same.
    ///
    /// - Throws: What is no fault of a plugin's: Ctrl-C, or a database that is away.
    func categorized(_ outcomes: [Outcome], on host: Host) async throws -> [Outcome] {
        let open = outcomes.indices.filter {
            outcomes[$0].errorCategory == nil
                && (outcomes[$0].status == .error || outcomes[$0].status == .timeout)
        }
        guard !open.isEmpty else { return outcomes }
        let answers = try await categories(of: open.map { OpenFailure(outcomes[$0]) }, on: host)
        var result = outcomes
        for (index, answer) in zip(open, answers) {
            result[index].errorCategory = answer.category
            result[index].categorizedBy = answer.categorizer
        }
        return result
    }

    /// What categorizers say of failures. They are asked by priority, the highest first, and arc's own after others of the
    /// same; each once for all that are still open.
    ///
    /// - Parameter load: reads the trajectories of failures, by their places, where a categorizer looks at them.
    /// - Throws: What is no fault of a plugin's.
    func categories(
        of failures: [OpenFailure], on host: Host,
        load: ([Int]) async throws -> [Int: String] = { _ in [:] }
    ) async throws -> [CategoryAnswer] {
        var failures = failures
        var answers = failures.map { _ in CategoryAnswer() }
        var open = Array(failures.indices)
        for categorizer in try await categorizers(on: host) {
            guard !open.isEmpty else { break }
            var found = try await ask(categorizer, of: open.map { failures[$0] })
            let wanting = open.indices.filter { found[$0] == .wantsTrajectory }
            if !wanting.isEmpty {
                let loaded = try await load(wanting.map { open[$0] })
                for place in wanting {
                    failures[open[place]].trajectory = loaded[open[place]].map { .here($0) } ?? .none
                }
                let again = try await ask(categorizer, of: wanting.map { failures[open[$0]] })
                for (place, said) in zip(wanting, again) { found[place] = said }
            }
            var rest: [Int] = []
            for (index, said) in zip(open, found) {
                switch said {
                case .category(let category):
                    answers[index].category = category
                    answers[index].categorizer =
                        "\(categorizer.plugin.manifest.name)/\(categorizer.part.name)"
                case .failed, .wantsTrajectory:
                    answers[index].isUncertain = true
                    rest.append(index)
                case .nothing: rest.append(index)
                }
            }
            open = rest
        }
        return answers
    }

    private func categorizers(on host: Host) async throws -> [Categorizer] {
        let providers = try await providers(of: "categorizers", on: host)
        note(providers.failures)
        func rank(_ categorizer: Categorizer) -> (Double, Int) {
            let priority = categorizer.part.fields["priority"].numberValue ?? 0
            return (-priority, categorizer.plugin.manifest.origin == .bundled ? 1 : 0)
        }
        // By their plugins' names and places where they are equal: `sorted` keeps the order.
        let all: [Categorizer] = providers.values.flatMap { plugin in
            plugin.parts("categorizers").map { (plugin, $0) }
        }
        return all.enumerated().sorted { one, other in
            let (first, second) = (rank(one.element), rank(other.element))
            return first == second ? one.offset < other.offset : first < second
        }.map(\.element)
    }

    // MARK: - One categorizer

    private enum Said: Equatable {
        case nothing, failed, wantsTrajectory
        case category(String)
    }

    /// Calls a categorizer for one failure after the other. An error ends a call, and the next one goes on behind the failure at
    /// which it happened. What is found is a category, false, or why there is none.
    private static let driver = """
        local categorize, failures, incomplete = ...
        local at, found = 0, {}
        local asked
        local lazy = { __index = function(_, key) if key == "trajectory" then asked = true end end }
        return function()
          local what
          while at < #failures do
            at = at + 1
            found[at] = "failed?"
            local failure = failures[at]
            local category
            if incomplete[at] then
              -- Without the trajectory it may fail, which says nothing.
              local ok
              ok, category = pcall(categorize, setmetatable({
                status = failure.status, message = failure.message, code = failure.code,
                scenario_id = failure.scenario_id,
              }, lazy))
              if not ok and not asked then error(category, 0) end
            else
              category = categorize(failure)
            end
            if asked then
              found[at], asked = "trajectory?", nil
            elseif category == nil then
              found[at] = false
            elseif type(category) == "string" and category:find("^[a-z][a-z0-9_]*$") then
              found[at] = category
            elseif what == nil then
              what = type(category) == "table" and "a table" or category
            end
          end
          return { found = found, what = what }
        end
        """

    /// What a categorizer says of each of these failures, in one call into its machine. Its failures are told, the first of them.
    private func ask(_ categorizer: Categorizer, of failures: [OpenFailure]) async throws -> [Said] {
        let (plugin, part) = categorizer
        var answer = PluginResults<[Said]>()
        try await answer.collect(plugin.manifest.name, part.title) {
            try await running(part, of: plugin) { try await self.said(part, plugin, of: failures) }
        }
        noteOnce(answer.failures)
        return answer.values.first ?? failures.map { _ in .failed }
    }

    private func said(_ part: Plugin.Part, _ plugin: Plugin, of failures: [OpenFailure]) async throws
        -> [Said]
    {
        let place = "plugin \(plugin.manifest.name), \(part.title)"
        guard let function = part.function("categorize") else { return failures.map { _ in .nothing } }
        let arguments: [LuaValue] = [
            .function(function), .table(LuaTable(array: failures.map(\.value), kind: .array)),
            .table(LuaTable(array: failures.map { .boolean($0.isIncomplete) }, kind: .array)),
        ]
        let step = try await plugin.using { machine in
            try await machine.run(Self.driver, name: "=[categorizers]", arguments: arguments).first?.function
        }
        guard let step else { return failures.map { _ in .nothing } }
        while true {
            do {
                let answer = try await plugin.call(step, [], in: place).table ?? LuaTable()
                if !answer["what"].isNil {
                    let wrong = Self.noCategory(answer["what"], place)
                    noteOnce([
                        PluginFailure(plugin: plugin.manifest.name, part: part.title, message: wrong.message)
                    ])
                }
                return (answer["found"].table?.array ?? []).map(Self.said)
            } catch let error as HostError {
                guard error.code != .timeout, !error.message.hasSuffix(Plugin.memoryIsGone(plugin.manifest))
                else { throw error }
                if let failure = PluginFailure(error, plugin: plugin.manifest.name, part: part.title) {
                    noteOnce([failure])
                }
            }
        }
    }

    private static func said(_ value: LuaValue) -> Said {
        switch value.stringValue {
        case nil: .nothing
        case "failed?": .failed
        case "trajectory?": .wantsTrajectory
        case let category?: .category(category)
        }
    }

    private static func noCategory(_ value: LuaValue, _ place: String) -> HostError {
        HostError(
            .plugin,
            "\(place) must return a category (lower-case letters, digits and _) or nil, got \(ArgumentCheck.display(value))"
        )
    }

    /// What a categorizer says of one failure.
    ///
    /// - Throws: `HostError` that names the plugin and the categorizer where it fails or returns something else.
    func categorize(_ failure: LuaValue, _ part: Plugin.Part, _ plugin: Plugin) async throws -> String? {
        let place = "plugin \(plugin.manifest.name), \(part.title)"
        guard let function = part.function("categorize") else { return nil }
        let value = try await plugin.call(function, [failure], in: place)
        guard !value.isAbsent else { return nil }
        guard let category = value.stringValue, category.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil else {
            throw Self.noCategory(value, place)
        }
        return category
    }
}
