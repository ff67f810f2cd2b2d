/// What to do next to bring a local server up or down, decided from one look at it after another.
///
/// Nothing of what a crash can leave behind is a case of its own: whatever is found, the next action is the
/// one that leads from there to the goal.
struct LocalServerState {
    enum Goal {
        case running
        case stopped
    }

    /// What one look has found.
    struct Sighting: Equatable {
        enum Data: Equatable {
            case absent
            case present
            /// There is something else in its place.
            case foreign
        }

        enum Postmaster: Equatable {
            /// No `postmaster.pid`, or one whose process is gone (PostgreSQL replaces that by itself).
            case none
            /// A `postmaster.pid` whose number now belongs to another process (or to a zombie), which would
            /// make PostgreSQL refuse to start.
            case impostor
            case starting
            case ready
            case stopping
        }

        var data: Data
        var postmaster: Postmaster
        /// Whether the Unix socket is in its place.
        var socket: Bool
    }

    enum Action: Equatable {
        /// Make the data directory.
        case initialise
        /// Remove the `postmaster.pid` of a dead server.
        case removePostmasterFile
        /// Start the server.
        case launch
        /// Stop the server.
        case shutDown
        /// Look again in a moment.
        case wait
        /// The goal is reached.
        case finish
        /// Give up.
        case fail(Failure)
    }

    enum Failure: Equatable {
        /// What is in the place of the data directory isn't one.
        case foreignData
        /// The server neither came up nor went down in time.
        case timeout
        /// The server ended while starting, or could not be started.
        case launch
    }

    private enum Step: Equatable {
        /// → launching, shuttingDown, finished (by `finish` or `fail`)
        case looking
        /// → looking (the server is up, or is still letting go of its memory), finished
        case launching
        /// → looking
        case shuttingDown
        /// the end
        case finished
    }

    let goal: Goal
    private let deadline: ContinuousClock.Instant
    private var step = Step.looking
    private var initialised = false

    /// - Parameter deadline: when waiting ends.
    init(goal: Goal, deadline: ContinuousClock.Instant) {
        self.goal = goal
        self.deadline = deadline
    }

    /// What to do about what was found.
    mutating func next(_ sighting: Sighting, now: ContinuousClock.Instant) -> Action {
        let action = decide(sighting)
        switch action {
        case .launch:
            step = .launching
        case .shutDown:
            step = .shuttingDown
        case .initialise:
            initialised = true
            step = .looking
        case .wait where now >= deadline:
            step = .finished
            return .fail(.timeout)
        case .finish, .fail:
            step = .finished
        case .wait, .removePostmasterFile:
            step = .looking
        }
        return action
    }

    /// What to do after a launch that failed.
    ///
    /// - Parameter memoryInUse: the server said that processes of its dead predecessor still hold the
    ///   memory; they end by themselves within seconds.
    mutating func launchFailed(memoryInUse: Bool, now: ContinuousClock.Instant) -> Action {
        guard memoryInUse, now < deadline else {
            step = .finished
            return .fail(.launch)
        }
        step = .looking
        return .wait
    }

    private func decide(_ sighting: Sighting) -> Action {
        switch (goal, sighting.data, sighting.postmaster) {
        case (_, .foreign, _):
            return .fail(.foreignData)
        case (.running, .absent, _):
            return initialised ? .fail(.foreignData) : .initialise
        case (.stopped, .absent, _), (.stopped, _, .none):
            return .finish
        case (_, _, .impostor):
            return .removePostmasterFile
        case (_, _, .stopping):
            return .wait
        case (.running, _, .none):
            return .launch
        case (.running, _, .starting):
            return .wait
        case (.running, _, .ready):
            // Without its socket a server can't be reached any more; only a restart makes a new one.
            return sighting.socket ? .finish : .shutDown
        case (.stopped, _, .starting), (.stopped, _, .ready):
            return .shutDown
        }
    }
}
