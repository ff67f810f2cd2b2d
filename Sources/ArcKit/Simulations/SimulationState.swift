/// Where a simulation stands. The database enforces the same transitions.
public enum SimulationState: String, Sendable, CaseIterable {
    /// Created, nothing recorded. → running, failed, cancelled
    case pending
    /// Outcomes are coming in. → completed, failed, cancelled
    case running
    /// Ended as planned. Final.
    case completed
    /// Ended by a fault of the evaluation itself. Final.
    case failed
    /// Ended by somebody's decision. Final.
    case cancelled

    /// Whether a simulation may go from this state to that one.
    public func canBecome(_ next: SimulationState) -> Bool {
        switch (self, next) {
        case (.pending, .running), (.pending, .failed), (.pending, .cancelled),
            (.running, .completed), (.running, .failed), (.running, .cancelled):
            true
        default: false
        }
    }

    /// Whether nothing follows this state.
    public var isFinal: Bool { !Self.allCases.contains { canBecome($0) } }
}
