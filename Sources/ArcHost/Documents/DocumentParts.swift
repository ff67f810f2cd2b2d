public import ArcKit

extension Document {
    /// A key figure.
    public struct Metric: Sendable, Hashable {
        /// Its name, `[a-z][a-z0-9_]*`, unique in the document.
        public var name: String
        /// What it is called in text; the name where nil.
        public var label: String?
        /// Its value; nil where it isn't known.
        public var value: Double?
        /// Its unit: "ratio", "score", "usd", "ms", "tokens", "runs", …
        public var unit: String?
        /// How many observations it rests on.
        public var n: Int?
        /// How many runs failed and so have no part in it, or count against it.
        public var errors: Int?
        /// Its standard error.
        public var standardError: Double?
        /// The lower end of its 95 % interval.
        public var low: Double?
        /// The upper end.
        public var high: Double?
        /// How the value and the interval were made.
        public var method: String?
        /// What must be known to read it, such as why it is missing.
        public var note: String?

        /// A figure that isn't known yet.
        public init(name: String) { self.name = name }
    }

    /// A condition that the simulation must meet.
    public struct Gate: Sendable, Hashable {
        /// What a gate says: one that fails ends the command with exit code 3, one that nobody can tell with 4.
        public typealias Verdict = GateResult.Verdict

        /// Its name.
        public var name: String
        /// What it says.
        public var verdict: Verdict
        /// Why.
        public var reason: String?
        /// The metric that it is about.
        public var metric: String?
        /// The metric's unit.
        public var unit: String?
        /// What was found, in that unit.
        public var value: Double?
        /// The lower end of the value's interval.
        public var low: Double?
        /// The upper end.
        public var high: Double?
        /// What the verdict goes by: the end of the value's one-sided interval, or the limit that it is held against.
        public var bound: Double?
        /// The change for the worse that is put up with.
        public var tolerance: Double?
        /// The metric of what it is compared with.
        public var baseline: Double?
        /// The metric of what is in question.
        public var candidate: Double?
        /// The test's p-value.
        public var p: Double?
        /// How many scenarios it rests on.
        public var n: Int?

        /// A gate without figures.
        public init(name: String, verdict: Verdict, reason: String? = nil) {
            self.name = name
            self.verdict = verdict
            self.reason = reason
        }
    }

    /// What became of a scenario, or of one run of it: a test case of JUnit's.
    public struct Case: Sendable, Hashable {
        /// How it ended.
        public enum Outcome: String, Sendable, CaseIterable {
            /// It did what was asked.
            case passed
            /// It ran, and didn't.
            case failed
            /// It didn't come to an end.
            case error
            /// It wasn't run.
            case skipped
        }
        /// Its name; the scenario's unless said.
        public var name: String
        /// The scenario that was run.
        public var scenario: String?
        /// Which run of it, from 1; nil where it stands for all of them.
        public var trial: Int?
        /// How it ended.
        public var outcome: Outcome
        /// Why, in a line.
        public var message: String?
        /// How long it took, in seconds.
        public var seconds: Double?
        /// More about it, such as where the trajectory is.
        public var details: String?
        /// The file that it belongs to, from the project's folder; GitHub shows its annotation there.
        public var file: String?
        /// The line in the file, from 1.
        public var line: Int?

        /// A case without a word about it.
        public init(name: String, outcome: Outcome) {
            self.name = name
            self.outcome = outcome
        }

        /// The name with the trial: "airline-7, trial 2".
        public var title: String { trial.map { "\(name), trial \($0)" } ?? name }
    }
}
