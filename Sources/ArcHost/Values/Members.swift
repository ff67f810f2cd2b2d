public import LuaBridge

/// What a script can write behind an object's `.` or `:`.
public struct Members: Sendable {
    /// The names, with "function" or "field" for each.
    public let names: [(name: String, kind: String)]

    /// The members of a value; nil where it isn't an object of arc's.
    public init?(of value: LuaValue) {
        guard let object = value.handle?.object else { return nil }
        switch object {
        case let frame as Frame:
            names = frame.names.map { ($0, "field") } + Self.methods(of: object)
        case let row as FrameRow:
            names = row.frame.names.map { ($0, "field") } + Self.methods(of: object)
        case let answer as Answer:
            names = answer.names.map { ($0, "field") } + Self.methods(of: object)
        default:
            guard let members = LibraryReference.members(ofType: Swift.type(of: object).typeName) else {
                return nil
            }
            names = members
        }
    }

    private static func methods(of object: any HostObject) -> [(name: String, kind: String)] {
        LibraryReference.members(ofType: Swift.type(of: object).typeName) ?? []
    }
}
