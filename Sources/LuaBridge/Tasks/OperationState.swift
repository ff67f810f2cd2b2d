/// How far a host function has come that a task waits for.
struct OperationState {
    enum State {
        /// To suspended or answered: it runs, and its task doesn't know yet whether it has to wait.
        case starting
        /// To over: its task is suspended.
        case suspended
        /// To over: it answered before its task had to wait.
        case answered(Result<[LuaValue], any Error>)
        case over
    }

    private(set) var state = State.starting

    /// The answer, which comes once; true where the task has to be resumed with it.
    mutating func answer(_ answer: Result<[LuaValue], any Error>) -> Bool {
        switch state {
        case .starting:
            state = .answered(answer)
            return false
        case .suspended:
            state = .over
            return true
        case .answered, .over: return false
        }
    }

    /// The start is over: the answer, where it is there; else the task has to wait.
    mutating func started() -> Result<[LuaValue], any Error>? {
        guard case .answered(let answer) = state else {
            state = .suspended
            return nil
        }
        state = .over
        return answer
    }
}
