/// A Swift object that Lua may hold. Lua sees a handle; the object goes when Lua has collected the last one, or when
/// the machine closes.
public protocol HostObject: AnyObject, Sendable {
    /// What scripts and errors call it; the name of its ``HostType``.
    static var typeName: String { get }

    /// Bytes to count against the machine's memory limit while Lua holds it. Read when the object is first passed.
    var memoryFootprint: Int { get }
}

extension HostObject {
    /// Nothing is counted unless the type says so.
    public var memoryFootprint: Int { 0 }
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
