/// A host function in one machine, whose core keeps it until it is closed; C holds its address.
final class HostOperation: Sendable {
    let function: HostFunction
    let core: MachineCore
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
