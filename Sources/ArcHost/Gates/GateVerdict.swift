import ArcKit

extension GateResult.Verdict {
    /// What a gate with it did: "passed".
    var word: String {
        switch self {
        case .pass: "passed"
        case .fail: "failed"
        case .tooLittleEvidence: "too little evidence"
        }
    }

    /// One character that shows it without colour.
    var sign: String {
        switch self {
        case .pass: "✓"
        case .fail: "✗"
        case .tooLittleEvidence: "?"
        }
    }
}
