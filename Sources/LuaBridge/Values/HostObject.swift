/// A Swift object that Lua may hold. Lua sees a handle; the object goes when Lua has collected the last one, or when
/// the machine closes.
public protocol HostObject: AnyObject, Sendable {
    /// What scripts and errors call it; the name of its ``HostType``.
    static var typeName: String { get }

    /// Bytes of its own to count against the machine's memory limit while Lua holds it. Read when the object is first
    /// passed.
    var memoryFootprint: Int { get }

    /// Calls `body` with each piece of memory that it holds together with other objects; always with the same ones.
    func forEachSharedMemory(_ body: (any SharedMemory) -> Void)
}

extension HostObject {
    /// Nothing is counted unless the type says so.
    public var memoryFootprint: Int { 0 }

    /// It shares nothing unless the type says so.
    public func forEachSharedMemory(_ body: (any SharedMemory) -> Void) {}
}

/// Memory that several objects hold together. A machine counts it once, for as long as Lua holds one of them. It isn't
/// changed while anybody holds it.
public protocol SharedMemory: AnyObject, Sendable {
    /// The bytes, without those of its parts.
    var byteCount: Int { get }
    /// Memory that it holds, perhaps together with others; always the same.
    var parts: [any SharedMemory] { get }
}

extension SharedMemory {
    /// It has no parts unless the type says so.
    public var parts: [any SharedMemory] { [] }
}

/// An object as a value. Passing the same object twice gives handles that are equal in Lua too.
public struct LuaHandle: Sendable, Hashable {
    /// The object.
    public let object: any HostObject

    /// A handle of the object.
    public init(_ object: any HostObject) { self.object = object }

    /// Whether both are of the same object.
    public static func == (left: LuaHandle, right: LuaHandle) -> Bool { left.object === right.object }

    /// By the object's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(object)) }
}
