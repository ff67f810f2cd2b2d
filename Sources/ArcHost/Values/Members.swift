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
            names = frame.columns.map { ($0.name, "field") } + Frame.methodNames.map { ($0, "function") }
        case let row as FrameRow:
            names = row.frame.columns.map { ($0.name, "field") } + [("fields", "function")]
        case is FrameGroups: names = [("agg", "function")]
        default:
            guard let members = LibraryReference.members(ofType: Swift.type(of: object).typeName) else {
                return nil
            }
            names = members
        }
    }
}

extension Frame {
    /// The methods, those of `frames.lua` among them.
    static let methodNames = [
        "column", "columns", "describe", "distinct", "filter", "group_by", "head", "map", "max", "mean",
        "median",
        "min", "rows", "select", "sort", "sum", "tail", "take",
    ]
}
