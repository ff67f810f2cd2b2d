/// What the command line asks for.
struct AnalyticsOptions {
    struct Wrong: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// How many simulations there are, over 120 days.
    var simulations = 200
    /// How often each of a simulation's 1,250 scenarios is run.
    var trials = 4
    var rounds = 20
    var only = ""
    var json: String?
    /// The file of a run with a tenth of the outcomes, to tell by how much each answer takes longer.
    var smaller: String?

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Self.usage(name) }
            switch name {
            case "--size": trials = try Self.trials(value)
            case "--simulations": simulations = try Self.count(name, value, from: 60)
            case "--trials": trials = try Self.count(name, value, from: 1)
            case "--rounds": rounds = try Self.count(name, value, from: 1)
            case "--only": only = value
            case "--json": json = value
            case "--smaller": smaller = value
            default: throw Self.usage(name)
            }
        }
    }

    /// Whether a question is to be asked.
    func asks(_ question: Question) -> Bool { only.isEmpty || question.name.contains(only) }

    private static func trials(_ size: String) throws -> Int {
        switch size {
        case "small": return 4
        case "large": return 40
        default: throw Wrong("--size: small (1,000,000 outcomes) or large (10,000,000), got \(size)")
        }
    }

    private static func count(_ name: String, _ value: String, from least: Int) throws -> Int {
        guard let count = Int(value), count >= least else {
            throw Wrong("\(name): a count from \(least), got \(value)")
        }
        return count
    }

    private static func usage(_ name: String) -> Wrong {
        Wrong(
            """
            usage: Analytics [--size small|large] [--simulations N] [--trials N] [--rounds N] [--only TEXT] \
            [--json FILE] [--smaller FILE]; got \(name)
            """)
    }
}
