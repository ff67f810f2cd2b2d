import Postgres
import Synchronization

/// Records outcomes that come from any number of tasks: those of one simulation that come at about the same time are
/// written together, and each caller is told when its own are durable.
///
/// What the server refuses is refused alone, and its neighbours are written. Where the database stays away, outcomes go
/// to the spool, on the disk.
final class Recorder: Sendable {
    /// Writes a batch and says what became of it.
    typealias Write = @Sendable (OutcomeBatch, SimulationReference) async throws -> WrittenBatch
    /// Puts outcomes where they wait for the database; returns once they are on disk.
    typealias Spill = @Sendable ([Outcome], SimulationReference, DatabaseError) async throws -> Void

    private let write: Write
    private let spill: Spill?
    private let limits: RecorderState.Limits
    private let lanes = Mutex(Lanes())

    /// The simulations that are being recorded into.
    private struct Lanes {
        var lanes: [String: Lane] = [:]
        var numbers = 0
    }

    private struct Lane {
        let simulation: SimulationReference
        var state: RecorderState
        var pending: [Int: Pending] = [:]
    }

    /// A caller's outcomes, and the caller.
    private struct Pending {
        let submission: RecorderState.Submission
        let batch: OutcomeBatch
        let caller: CheckedContinuation<RecordingReport, any Error>
    }

    /// - Parameters:
    ///   - write: writes a batch, again where it failed for a passing reason and that is safe.
    ///   - spill: takes what `write` couldn't deliver since the database is away; nil where there is no such place.
    init(limits: RecorderState.Limits = .init(), write: @escaping Write, spill: Spill?) {
        self.limits = limits
        self.write = write
        self.spill = spill
    }

    /// Records outcomes, all of them or none.
    ///
    /// A caller that is cancelled before its outcomes are being written leaves at once; after that it is told what
    /// became of them.
    ///
    /// - Throws: as `Session.record`.
    func record(
        _ outcomes: [Outcome], in simulation: SimulationReference, places: OutcomePlaces?
    ) async throws -> RecordingReport {
        let batch = try OutcomeBatch(outcomes, places: places)
        guard !outcomes.isEmpty else {
            return RecordingReport(outcomeIDs: [], recorded: 0, replaced: 0, unchanged: 0)
        }
        let id = lanes.withLock { lanes in
            lanes.numbers += 1
            return lanes.numbers
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                let submission = RecorderState.Submission(
                    id: id, count: outcomes.count, weight: batch.weight, keys: batch.keys)
                enter(Pending(submission: submission, batch: batch, caller: caller), simulation)
                // Cancelled before it was entered: the handler has looked for it in vain.
                if Task.isCancelled { withdraw(id, simulation.id) }
            }
        } onCancel: {
            withdraw(id, simulation.id)
        }
    }

    // MARK: - Telling the state

    private func enter(_ pending: Pending, _ simulation: SimulationReference) {
        change(simulation.id) { lanes in
            // In place: a copy of a lane would copy all who wait in it.
            let fresh = Lane(simulation: simulation, state: RecorderState(limits: limits))
            lanes.lanes[simulation.id, default: fresh].pending[pending.submission.id] = pending
            return lanes.lanes[simulation.id]?.state.submit(pending.submission, now: .now)
        }
    }

    private func withdraw(_ id: Int, _ simulation: String) {
        let pending = lanes.withLock { lanes -> Pending? in
            guard lanes.lanes[simulation]?.state.withdraw(id) == true else { return nil }
            let pending = lanes.lanes[simulation]?.pending.removeValue(forKey: id)
            if lanes.lanes[simulation]?.state.isIdle == true { lanes.lanes[simulation] = nil }
            return pending
        }
        pending?.caller.resume(
            throwing: DatabaseError(
                .cancelled,
                "The task was cancelled before its outcomes were being written: none of them is recorded."))
    }

    private func change(_ simulation: String, _ transition: (inout Lanes) -> RecorderState.Action?) {
        let work = lanes.withLock { lanes -> Work? in
            let action = transition(&lanes)
            switch action {
            case .write(let ids):
                guard let reference = lanes.lanes[simulation]?.simulation else { return nil }
                return .write(
                    ids.compactMap { lanes.lanes[simulation]?.pending.removeValue(forKey: $0) }, reference)
            case .wait(let end): return .wait(until: end)
            case nil:
                if lanes.lanes[simulation]?.state.isIdle == true { lanes.lanes[simulation] = nil }
                return nil
            }
        }
        perform(work, simulation)
    }

    // MARK: - Doing what it decides

    private enum Work {
        case write([Pending], SimulationReference)
        case wait(until: ContinuousClock.Instant)
    }

    private func perform(_ work: Work?, _ simulation: String) {
        switch work {
        case .write(let batch, let reference):
            Task.detached { await self.deliver(batch, in: reference) }
        case .wait(let end):
            Task.detached {
                try? await Task.sleep(until: end, tolerance: .zero, clock: .continuous)
                self.change(simulation) { $0.lanes[simulation]?.state.timePassed(now: .now) }
            }
        case nil: break
        }
    }

    private func deliver(_ callers: [Pending], in simulation: SimulationReference) async {
        let verdict = await attempt(callers, in: simulation)
        change(simulation.id) { lanes in
            for pending in verdict.returned {
                lanes.lanes[simulation.id]?.pending[pending.submission.id] = pending
            }
            return lanes.lanes[simulation.id]?.state.finished(
                returning: verdict.returned.map(\.submission), now: .now)
        }
        for (pending, result) in verdict.told { pending.caller.resume(with: result) }
    }

    /// What became of a batch: what its callers are told, and which of them have to be written again.
    private struct Verdict {
        var told: [(Pending, Result<RecordingReport, any Error>)] = []
        var returned: [Pending] = []
    }

    private func attempt(_ callers: [Pending], in simulation: SimulationReference) async -> Verdict {
        let batch = callers.count == 1 ? callers[0].batch : OutcomeBatch(merging: callers.map(\.batch))
        do {
            let written = try await write(batch, simulation)
            var verdict = Verdict()
            var start = 0
            for caller in callers {
                let end = start + caller.submission.count
                verdict.told.append((caller, .success(written.report(start..<end))))
                start = end
            }
            return verdict
        } catch let refused as RefusedOutcome {
            return refuse(callers, refused)
        } catch {
            if callers.count > 1, Self.isRefusal(error) {
                let middle = callers.count / 2
                let first = await attempt(Array(callers[..<middle]), in: simulation)
                let second = await attempt(Array(callers[middle...]), in: simulation)
                return Verdict(told: first.told + second.told, returned: first.returned + second.returned)
            }
            if callers.count == 1, Self.isRefusal(error) {
                return Verdict(told: [(callers[0], .failure(callers[0].batch.reason(of: error)))])
            }
            if let spill, let absence = error as? DatabaseError, absence.isAbsence {
                return await self.spill(callers, in: simulation, absence, spill)
            }
            return Verdict(told: callers.map { ($0, .failure(error)) })
        }
    }

    /// Refuses the caller of the outcome that the server refused, and returns the others.
    private func refuse(_ callers: [Pending], _ refused: RefusedOutcome) -> Verdict {
        var verdict = Verdict()
        for caller in callers {
            if caller.batch.outcomes.contains(where: { $0.id == refused.id }) {
                verdict.told.append((caller, .failure(caller.batch.complaint(about: refused))))
            } else {
                verdict.returned.append(caller)
            }
        }
        return verdict
    }

    /// Whether somebody found fault with the data without saying whose.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case let error as DatabaseError: error.isRefusal
        case let error as EvaluationError: error.code == .invalid
        default: false
        }
    }

    private func spill(
        _ callers: [Pending], in simulation: SimulationReference, _ reason: DatabaseError, _ spill: Spill
    ) async -> Verdict {
        var verdict = Verdict()
        var accepted: [Pending] = []
        for caller in callers {
            do {
                // Nobody will be there to be told when the server finds it later.
                try caller.batch.checkTexts()
                accepted.append(caller)
            } catch {
                verdict.told.append((caller, .failure(error)))
            }
        }
        do {
            try await spill(accepted.flatMap(\.batch.outcomes), simulation, reason)
            for caller in accepted { verdict.told.append((caller, .success(caller.batch.spooled))) }
        } catch {
            let both = EvaluationError(
                .database, "the outcomes could neither be stored nor be kept on the disk: \(error)",
                advice: "The database said: \(reason.message)", underlying: reason)
            for caller in accepted { verdict.told.append((caller, .failure(both))) }
        }
        return verdict
    }
}

extension OutcomeBatch {
    /// Why these outcomes were refused, naming the one that is at fault where that can be told.
    fileprivate func reason(of refusal: any Error) -> any Error {
        do {
            try checkTexts()
            return refusal
        } catch {
            return error
        }
    }

    fileprivate var spooled: RecordingReport {
        var report = RecordingReport(
            outcomeIDs: outcomes.map { $0.id ?? "" }, recorded: 0, replaced: 0, unchanged: 0)
        report.spooled = outcomes.count
        return report
    }
}

extension DatabaseError {
    /// Whether the database can't be had for the moment, or has no room: what it can't take now it may take later.
    fileprivate var isAbsence: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .poolTimeout, .timedOut: true
        case .server: ["53", "57", "58"].contains(server?.sqlStateClass)
        default: false
        }
    }
}
