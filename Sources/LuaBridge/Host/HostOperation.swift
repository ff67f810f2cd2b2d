/// A host function in one machine; C holds its address. It lives as long as the core that it belongs to.
final class HostOperation {
    let function: HostFunction
    unowned(unsafe) let core: MachineCore
    /// The same as the function's, where it is called without more.
    let direct: @Sendable (borrowing DirectCall) throws -> Void

    init(_ function: HostFunction, _ core: MachineCore) {
        self.function = function
        self.core = core
        if case .direct(let body) = function.body {
            direct = body
        } else {
            direct = { _ in }
        }
    }
}
