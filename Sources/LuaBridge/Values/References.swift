/// A Lua function that the host holds. It lives until the last copy goes or its machine closes, and can be called
/// and passed back in its own machine only. Two are equal where they are the same reference.
public final class LuaFunction: Sendable {
    let reference: Int32
    let core: MachineCore

    init(reference: Int32, core: MachineCore) {
        self.reference = reference
        self.core = core
    }

    deinit { core.release(reference) }
}

/// A Lua value that has no Swift form, held so that it can be passed back and described.
public final class LuaReference: Sendable {
    let reference: Int32
    let core: MachineCore

    init(reference: Int32, core: MachineCore) {
        self.reference = reference
        self.core = core
    }

    deinit { core.release(reference) }
}

extension LuaFunction: Hashable {
    /// Whether both are the same reference.
    public static func == (left: LuaFunction, right: LuaFunction) -> Bool { left === right }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension LuaReference: Hashable {
    /// Whether both are the same reference.
    public static func == (left: LuaReference, right: LuaReference) -> Bool { left === right }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
