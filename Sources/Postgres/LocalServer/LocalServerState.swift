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

    enum Action: Hashable {
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

    enum Failure: Hashable {
        /// What is in the place of the data directory isn't one.
        case foreignData
        /// The server neither came up nor went down in time.
        case timeout
        /// What was done had no effect.
        case noEffect
        /// The server ended while starting, or could not be started.
        case launch
    }

    let goal: Goal
    private let deadline: ContinuousClock.Instant
    /// What has been done and must work the first time.
    private var done: Set<Action> = []

    /// - Parameter deadline: when waiting ends.
    init(goal: Goal, deadline: ContinuousClock.Instant) {
        self.goal = goal
        self.deadline = deadline
    }

    /// What to do about what was found.
    mutating func next(_ sighting: Sighting, now: ContinuousClock.Instant) -> Action {
        let action = decide(sighting)
        switch action {
        case .initialise, .removePostmasterFile, .shutDown:
            return done.insert(action).inserted ? action : .fail(.noEffect)
        case .launch, .wait:
            return now < deadline ? action : .fail(.timeout)
        case .finish, .fail:
            return action
        }
    }

    /// What to do after a launch that failed.
    ///
    /// - Parameter memoryInUse: the server said that processes of its dead predecessor still hold the
    ///   memory; they end by themselves within seconds.
    func launchFailed(memoryInUse: Bool, now: ContinuousClock.Instant) -> Action {
        memoryInUse && now < deadline ? .wait : .fail(.launch)
    }

    private func decide(_ sighting: Sighting) -> Action {
        switch (goal, sighting.data, sighting.postmaster) {
        case (_, .foreign, _):
            .fail(.foreignData)
        case (.running, .absent, _):
            .initialise
        case (.stopped, .absent, _), (.stopped, _, .none):
            .finish
        case (_, _, .impostor):
            .removePostmasterFile
        case (_, _, .stopping), (.running, _, .starting):
            .wait
        case (.running, _, .none):
            .launch
        case (.running, _, .ready):
            // Without its socket a server can't be reached any more; only a restart makes a new one.
            sighting.socket ? .finish : .shutDown
        case (.stopped, _, .starting), (.stopped, _, .ready):
            .shutDown
        }
    }
}
