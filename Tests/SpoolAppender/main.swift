// A process that appends to a spool, to be killed by the tests:
//
//     SpoolAppender FOLDER SIMULATION TASKS COUNT
//
// TASKS tasks append outcomes of SIMULATION to the spool in FOLDER, COUNT each, and print the id of each outcome once
// they were told that it is kept. Then it waits for its standard input to end, and appends no more.

import ArcKit
import Glibc
import Postgres

let arguments = CommandLine.arguments
guard arguments.count == 5, let tasks = Int(arguments[3]), let count = Int(arguments[4]) else { exit(64) }
let spool = Spool(folder: arguments[1], about: "the tests' database")
let simulation = SimulationReference(id: arguments[2], name: "spooled")

@Sendable func outcome(_ task: Int, _ number: Int) -> Outcome {
    var outcome = Outcome(scenario: Scenario(id: "p\(getpid())-t\(task)-n\(number)"), status: .success)
    outcome.id = Identifier.make()
    outcome.executionTime = .now
    outcome.reliabilityScore = 0.5
    // Longer and shorter than a page, so that a write is torn at many places.
    outcome.trajectory = "[\"" + String(repeating: "x", count: number * 997 % 9000) + "\"]"
    return outcome
}

@Sendable func tell(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

await withTaskGroup(of: Void.self) { group in
    for task in 0..<tasks {
        group.addTask {
            for number in 0..<count {
                let made = outcome(task, number)
                do {
                    try await spool.append([made], in: simulation)
                    tell("\(made.id ?? "")\n")
                } catch {
                    tell("error \(error)\n")
                }
            }
        }
    }
}
tell("done\n")
while readLine() != nil {}
