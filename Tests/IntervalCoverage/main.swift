// Prints the tables of docs/statistics.md: swift run -c release IntervalCoverage [EVALUATIONS]
let evaluations = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000

let simulation = IntervalSimulation(evaluations: evaluations, resamples: 499)
print("| interval | evaluations | coverage | too low | too high | mean width | none |")
print("|---|---|---|---|---|---|---|")
for tally in simulation.intervals() + simulation.differences() {
    func share(_ part: Int) -> String {
        tally.intervals > 0 ? tenths(Double(part) / Double(tally.intervals)) : "–"
    }
    print(
        "| \(tally.name) | \(tally.setting) | \(share(tally.covered)) | \(share(tally.tooLow)) "
            + "| \(share(tally.intervals - tally.covered - tally.tooLow)) "
            + "| \(tally.meanWidth.map { "\((1000 * $0).rounded() / 1000)" } ?? "–") "
            + "| \(tenths(Double(tally.missing) / Double(evaluations))) |")
}

print()
print("| decision at α = 5 % | evaluations | found | at most |")
print("|---|---|---|---|")
let decisions = DecisionSimulation(evaluations: evaluations)
for rate in decisions.falsePositives() + decisions.power() + decisions.trends() {
    print("| \(rate.name) | \(rate.setting) | \(tenths(rate.share)) | \(rate.limit.map(percent) ?? "") |")
}

print()
print("| what | milliseconds |")
print("|---|---|")
for cost in Costs.measured() { print("| \(cost.name) | \((cost.milliseconds * 1000).rounded() / 1000) |") }

func tenths(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
