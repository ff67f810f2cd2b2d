import ArcHost
import ArcKit
import Glibc
import Postgres
import Synchronization

/// What people are told about servers that are away, and outcomes that waited for the database.
final class StoreNotes: Sendable {
    private let flush: FlushCommand
    private let away = Atomic(false)

    /// - Parameter flush: what records outcomes that wait for the database.
    init(flush: FlushCommand) { self.flush = flush }

    /// Whether outcomes went to the spool.
    var wasAway: Bool { away.load(ordering: .relaxed) }

    /// Says at the end how many outcomes wait.
    func left(_ waiting: Int) {
        guard waiting > 0 else { return }
        let (wait, them) = waiting == 1 ? ("waits", "it") : ("wait", "them")
        Output.note(
            "\(Self.outcomes(waiting)) \(wait) in the spool: \(flush) records \(them), as does the next arc that "
                + "connects to the database.")
    }

    /// Says that outcomes go to the spool, or how they were brought from there, or who answers for replicas.
    func tell(_ event: StoreEvent) {
        switch event {
        case .begins(let reason):
            away.store(true, ordering: .relaxed)
            Output.note(
                "The database is away (\(reason.message)). Outcomes go to the spool on this machine's disk; they are "
                    + "recorded when it is back, or by \(flush).")
        case .done(let report):
            if report.stored > 0 {
                let are = report.stored == 1 ? "is" : "are"
                Output.note(
                    "\(Self.outcomes(report.stored)) that had waited in the spool \(are) recorded now.")
            }
            Self.asides(of: report).forEach(Output.note)
        case .goesOn(let report):
            Output.note(
                "Outcomes that had waited in the spool are being recorded (\(Figure.count(report.stored)) so "
                    + "far); what is left at the end waits for \(flush).")
        case .failed(let error, let report):
            let stored =
                report.stored > 0 ? "\(Self.outcomes(report.stored)) of the spool are recorded; " : ""
            Output.note(
                "\(stored)outcomes wait in the spool and can't be recorded: \(Failure.describe(error))\n"
                    + "Nothing is lost: see `arc spool status`.")
        case .replicasAway(let reason):
            Output.note(
                "The read replica can't be reached (\(reason.message)). The primary answers until it is back."
            )
        case .replicasReturned: Output.note("The read replica answers again.")
        }
    }

    /// What was set aside, and what was left.
    static func asides(of report: ReplayReport) -> [String] {
        var notes: [String] = []
        if report.rejected > 0 {
            notes.append(
                "\(outcomes(report.rejected)) of the spool were refused by the database and are set aside: "
                    + "`arc spool status` says why, `arc spool flush --rejected` tries again.")
        }
        if report.held > 0 {
            notes.append(
                "\(outcomes(report.held)) of the spool can't be recorded for now, although others can: "
                    + report.heldReasons.joined(separator: "; ")
                    + "\nNothing is lost: `arc spool flush` tries again, as does the next arc that connects.")
        }
        if report.torn > 0 {
            notes.append(
                "\(Figure.count(report.torn, "line", "lines")) of the spool were torn by a crash or damaged, and "
                    + "are set aside: see `arc spool status`.")
        }
        return notes + report.problems
    }

    static func outcomes(_ count: Int) -> String { Figure.count(count, "outcome", "outcomes") }
}
