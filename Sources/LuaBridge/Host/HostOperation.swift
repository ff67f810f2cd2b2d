/// A host function in one machine; C holds its address. It lives as long as the core that it belongs to.
final class HostOperation {
    let function: HostFunction
    unowned(unsafe) let core: MachineCore

    init(_ function: HostFunction, _ core: MachineCore) {
        self.function = function
        self.core = core
    }
}
