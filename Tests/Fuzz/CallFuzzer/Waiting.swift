import Dispatch

/// Runs something asynchronous to its end, and ends the program where it doesn't come to one.
func finish(_ what: String, _ work: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        await work()
        done.signal()
    }
    require(done.wait(timeout: .now() + 20) == .success, "\(what)\ndoesn't end")
}

/// Ends the program where something that must hold doesn't.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError(what()) }
}
