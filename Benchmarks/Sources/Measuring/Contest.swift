/// Two ways to do the same work, measured in turns within one run, so that whatever else the machine does meets
/// both.
package struct Contest {
    /// One of the two.
    package struct Side {
        package var name: String
        /// Does the work once, or throws where it came out wrong.
        package var work: () async throws -> Void
        /// The nanoseconds per unit that the work says itself to have taken; nil where a look at the clock tells.
        package var measured: (() async throws -> Double)?

        package init(name: String, work: @escaping () async throws -> Void) {
            self.name = name
            self.work = work
        }

        /// Work that says itself how long it took.
        package static func measured(_ name: String, _ work: @escaping () async throws -> Double) -> Side {
            var side = Side(name: name) {}
            side.measured = work
            return side
        }
    }

    /// What is counted, such as "query".
    package var unit: String
    /// How many units one piece of work holds.
    package var units: Int
    /// How often the work is done between two looks at the clock.
    package var repeats: Int
    /// What arc is measured against.
    package var baseline: Side
    /// What arc does.
    package var subject: Side
    /// How often each side is timed at most, where a round takes long.
    package var mostRounds: Int
    /// What there is to say beside the times.
    package var notes: [String]

    /// - Parameters: as the properties of these names.
    package init(
        unit: String, units: Int, repeats: Int, baseline: Side, subject: Side, mostRounds: Int = .max,
        notes: [String] = []
    ) {
        self.unit = unit
        self.units = units
        self.repeats = repeats
        self.baseline = baseline
        self.subject = subject
        self.mostRounds = mostRounds
        self.notes = notes
    }

    /// Measures both sides in turns.
    ///
    /// - Parameters:
    ///   - name: what is compared.
    ///   - rounds: how often each side is timed; which of them goes first changes from round to round.
    package func measure(_ name: String, rounds: Int) async throws -> ContestResult {
        let rounds = min(rounds, mostRounds)
        _ = try await time(baseline)
        _ = try await time(subject)
        var baselines: [Double] = []
        var subjects: [Double] = []
        for round in 0..<rounds {
            if round.isMultiple(of: 2) {
                baselines.append(try await time(baseline))
                subjects.append(try await time(subject))
            } else {
                subjects.append(try await time(subject))
                baselines.append(try await time(baseline))
            }
        }
        return ContestResult(
            name: name, unit: unit, rounds: rounds,
            baseline: .init(name: baseline.name, nanoseconds: Spread(baselines)),
            subject: .init(name: subject.name, nanoseconds: Spread(subjects)),
            ratio: Spread(zip(subjects, baselines).map { $0 / $1 }), notes: notes)
    }

    /// Nanoseconds per unit.
    private func time(_ side: Side) async throws -> Double {
        if let measured = side.measured { return try await measured() }
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<repeats { try await side.work() }
        return (clock.now - start) / .nanoseconds(1) / Double(units * repeats)
    }
}

/// A piece of work that came out wrong: then its time says nothing.
package struct WrongResult: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
