public import ArcKit
import LuaBridge
import Postgres

/// Which failures are given to the categorizers again.
public struct RecategorizeRequest: Sendable {
    /// Which outcomes.
    public var scope = OutcomeScope.all
    /// Whether nothing is changed.
    public var isDry = false
    /// Whether categories that people gave are replaced too, where a categorizer knows one.
    public var replacesGiven = false

    /// Every failure whose category a categorizer gave, or nobody.
    public init() {}

    /// Takes only runs that began at most that long ago, as `--since` says it: `30d`.
    ///
    /// - Throws: `HostError` with code `argument` where the text is no length of time.
    public mutating func limit(since text: String) throws {
        scope.withinSeconds = try DurationText.seconds(
            text, function: "arc recategorize", parameter: "--since")
    }
}

/// What categorizers say of failures that were recorded before.
public struct RecategorizeReport: Sendable {
    /// Failures whose category changes in the same way.
    public struct Change: Sendable {
        /// The category before; nil for none.
        public let from: String?
        /// The category after; nil for none.
        public let to: String?
        /// The categorizer that knows it; nil where none does any more.
        public let categorizer: String?
        /// How many failures.
        public internal(set) var failures: Int
        /// The first of them.
        public let example: RecordedFailure
    }

    /// Whether nothing was changed.
    public let isDry: Bool
    /// How many failures there are.
    public internal(set) var failures = 0
    /// How many change.
    public internal(set) var changed = 0
    /// How many have a category that somebody gave them, and keep it.
    public internal(set) var given = 0
    /// How many a categorizer failed at: they keep what they have.
    public internal(set) var uncertain = 0
    /// The changes, the most frequent first.
    public internal(set) var changes: [Change] = []
}

extension Host {
    /// Gives recorded failures to the categorizers again, batch by batch, each of which is changed in a transaction of its own.
    /// Trajectories are read where a categorizer looks at one.
    ///
    /// - Parameter progress: called now and then with the number of failures so far.
    /// - Throws: What is no fault of a plugin's. A categorizer that fails is told, and what it failed at stays as it is.
    public func recategorize(
        _ request: RecategorizeRequest, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> RecategorizeReport {
        let store = try await store()
        var report = RecategorizeReport(isDry: request.isDry)
        var tally = ChangeTally()
        var batches = try await store.session(.read) { try await $0.failureBatches(request.scope) }
        while true {
            let (batch, rest) = try await store.session(.read) { [batches] session in
                var batches = batches
                return (try await batches.next(session), batches)
            }
            batches = rest
            guard !batch.isEmpty else { break }
            let (changes, uncertain) = try await changes(of: batch, request, &report)
            let changed =
                request.isDry
                ? changes.count : try await store.transaction { try await $0.setCategories(changes) }
            report.failures += batch.count
            report.uncertain += uncertain
            report.changed += changed
            for change in changes { tally.add(change) }
            progress(report.failures)
        }
        report.changes = tally.changes
        return report
    }

    /// What changes among these failures.
    private func changes(
        of batch: [RecordedFailure], _ request: RecategorizeRequest, _ report: inout RecategorizeReport
    ) async throws -> (changes: [CategoryChange], uncertain: Int) {
        func isGiven(_ failure: RecordedFailure) -> Bool {
            failure.category != nil && failure.categorizedBy == nil
        }
        let open = request.replacesGiven ? batch : batch.filter { !isGiven($0) }
        report.given += batch.count - open.count
        guard !open.isEmpty else { return ([], 0) }
        let store = try await store()
        let answers = try await plugins.categories(of: open.map(OpenFailure.init), on: self) { places in
            let wanted = places.map { open[$0] }
            let texts = try await store.session(.read) { try await $0.trajectories(of: wanted) }
            return Dictionary(
                uniqueKeysWithValues: places.compactMap { place in
                    texts[open[place].outcomeID].map { (place, $0) }
                })
        }
        var changes: [CategoryChange] = []
        for (failure, answer) in zip(open, answers) where !answer.isUncertain {
            if answer.category == failure.category { continue }
            if answer.category == nil, isGiven(failure) {
                report.given += 1
                continue
            }
            changes.append(
                CategoryChange(failure, category: answer.category, categorizer: answer.categorizer))
        }
        return (changes, answers.count(where: \.isUncertain))
    }
}

/// Counts changes by what changes into what.
private struct ChangeTally {
    private struct Key: Hashable {
        let from, to, categorizer: String?
    }

    private var places: [Key: Int] = [:]
    private var all: [RecategorizeReport.Change] = []

    mutating func add(_ change: CategoryChange) {
        let key = Key(from: change.failure.category, to: change.category, categorizer: change.categorizer)
        if let place = places[key] {
            all[place].failures += 1
            return
        }
        places[key] = all.count
        all.append(
            RecategorizeReport.Change(
                from: key.from, to: key.to, categorizer: key.categorizer, failures: 1, example: change.failure
            ))
    }

    /// The most frequent first; those that are as frequent by their categories.
    var changes: [RecategorizeReport.Change] {
        all.sorted {
            (-$0.failures, $0.from ?? "", $0.to ?? "", $0.categorizer ?? "")
                < (-$1.failures, $1.from ?? "", $1.to ?? "", $1.categorizer ?? "")
        }
    }
}

extension RecategorizeReport {
    /// The changes, one a row.
    public var frame: Frame {
        func column(_ name: String, _ value: (Change) -> Value) -> Column {
            Column(name: name, changes.map(value))
        }
        func text(_ value: String?) -> Value { value.map(Value.text) ?? .null }
        return Frame(
            columns: [
                column("from") { text($0.from) }, column("to") { text($0.to) },
                column("failures") { .int(Int64($0.failures)) },
                column("categorizer") { text($0.categorizer) },
                column("scenario_id") { .text($0.example.scenario) },
                column("trial") { .int(Int64($0.example.trial)) },
                column("simulation_id") { .text($0.example.simulation) },
                column("message") { text($0.example.message) },
            ], count: changes.count)
    }

    /// What happened, in a sentence or two.
    public var summary: String {
        var text =
            "\(isDry ? "Would change" : "Changed") the category of \(Figure.count(changed)) of "
            + "\(Figure.count(failures, "failure", "failures"))."
        if given > 0 { text += " \(Figure.count(given)) keep the category that somebody gave them." }
        if uncertain > 0 {
            text += " \(Figure.count(uncertain)) stay as they are, since a categorizer failed."
        }
        return text
    }

    /// The report for a script.
    var answer: Answer {
        Answer(
            "recategorization",
            [
                ("dry_run", .boolean(isDry)), ("failures", .integer(Int64(failures))),
                ("changed", .integer(Int64(changed))), ("given", .integer(Int64(given))),
                ("uncertain", .integer(Int64(uncertain))), ("summary", .string(summary)),
                ("changes", .object(frame)),
            ])
    }
}
