import Foundation
import Measuring

/// What was measured, for people and as JSON.
struct AnalyticsReport: Codable {
    /// What the database held.
    struct Facts: Codable {
        var outcomes: Int
        var simulations: Int
        var trials: Int
        var tier: String
        var server: String
        var megabytes: Int
        var secondsToFill: Double
        var secondsToRollUp: Double
    }

    /// What a question came to.
    struct Answer: Codable {
        var measurement: ContestResult
        /// Nanoseconds of arc's answers one after another, where roll-ups answer.
        var alone: Spread?
        var rows: Int
        var plainRows: Int
        var most: Double?
        var isRolledUp: Bool
        /// The median (of answers one after another, where that is known) by that of a database with a tenth of the outcomes; nil
        /// where there is none to compare with.
        var growth: Double?

        /// Whether all that is demanded is so; nil where nothing is. Ratios are demanded of native partitions.
        func isMet(on tier: String) -> Bool? {
            var demands: [Bool] = []
            if let most, tier == "native" { demands.append(measurement.ratio.median <= most) }
            if isRolledUp, let growth { demands.append(growth <= AnalyticsReport.mostGrowth) }
            return demands.isEmpty ? nil : demands.allSatisfy(\.self)
        }
    }

    /// So many times longer may an answer from roll-ups take over ten times the outcomes.
    static let mostGrowth = 1.5

    var facts: Facts
    var answers: [Answer] = []

    init(facts: Facts) { self.facts = facts }

    /// The report that was written to a file; nil where there is none.
    init?(_ file: String) throws {
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        self = try JSONDecoder().decode(AnalyticsReport.self, from: Data(contentsOf: URL(filePath: file)))
    }

    func write(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(filePath: file))
    }

    /// Tells by how much each answer takes longer than that of a smaller database.
    mutating func compare(with smaller: AnalyticsReport) {
        for place in answers.indices {
            let name = answers[place].measurement.name
            guard let other = smaller.answers.first(where: { $0.measurement.name == name }) else { continue }
            if let large = answers[place].alone, let small = other.alone {
                answers[place].growth = large.median / small.median
            } else {
                answers[place].growth =
                    answers[place].measurement.subject.nanoseconds.median
                    / other.measurement.subject.nanoseconds.median
            }
        }
    }

    var text: String {
        """
        \(facts.outcomes) outcomes of \(facts.simulations) simulations, \(facts.tier), PostgreSQL \(facts.server), \
        \(facts.megabytes) MB; made in \(Int(facts.secondsToFill)) s, rolled up in \(Int(facts.secondsToRollUp)) s

        \(MeasurementTable.aligned([Self.header] + answers.map { Self.row($0, tier: facts.tier) }))

        medians (lowest – highest) of answers in turns; ratio: arc's time by plain SQL's; growth: by the time that a tenth \
        of the outcomes takes, at most \(MeasurementTable.decimal(Self.mostGrowth)) where roll-ups answer, and there of answers \
        one after another; rows read: rows of \
        tables and entries of indexes, a compressed batch as one; with a tail: the last 400 runs came after the roll-ups were \
        refreshed, of which targets are
        """
    }

    private static let header = [
        "question", "rows", "arc", "(low – high)", "against", "rows", "plain SQL", "(low – high)", "rounds",
        "ratio",
        "(low – high)", "target", "growth", "met",
    ]

    /// An answer as a row of the table.
    static func row(_ answer: Answer, tier: String) -> [String] {
        let (arc, plain) = (answer.measurement.subject, answer.measurement.baseline)
        return [
            answer.measurement.name, "\(answer.rows)", Self.time(arc.nanoseconds.median),
            Self.range(arc.nanoseconds),
            plain.name, "\(answer.plainRows)", Self.time(plain.nanoseconds.median),
            Self.range(plain.nanoseconds),
            "\(answer.measurement.rounds)", Self.ratio(answer.measurement.ratio.median),
            "(\(Self.ratio(answer.measurement.ratio.low)) – \(Self.ratio(answer.measurement.ratio.high)))",
            answer.most.map { "≤ " + Self.ratio($0) } ?? "",
            answer.growth.map { MeasurementTable.decimal($0) + (answer.isRolledUp ? "*" : "") } ?? "",
            answer.isMet(on: tier).map { $0 ? "yes" : "NO" } ?? "",
        ]
    }

    private static func time(_ nanoseconds: Double) -> String { MeasurementTable.time(nanoseconds) }

    private static func range(_ spread: Spread) -> String { "(\(time(spread.low)) – \(time(spread.high)))" }

    /// With a third decimal: many of them are below 0.05.
    private static func ratio(_ value: Double) -> String {
        value < 1
            ? "0." + String(Int((value * 1000).rounded()) + 1000).dropFirst()
            : MeasurementTable.decimal(value)
    }
}
