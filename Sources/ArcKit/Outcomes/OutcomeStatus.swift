/// Whether the agent ran. How well it did is the outcome's score: a wrong answer is a `success` with a low score.
public enum OutcomeStatus: String, Sendable, CaseIterable {
    /// The agent ran to its end.
    case success
    /// The agent, a tool or the infrastructure failed.
    case error
    /// The agent was stopped because its time was over.
    case timeout
    /// Somebody ended the run.
    case cancelled

    /// The names of all, for messages: "success, error, timeout or cancelled".
    public static let names =
        allCases.dropLast().map(\.rawValue).joined(separator: ", ")
        + " or \(OutcomeStatus.cancelled.rawValue)"
}
