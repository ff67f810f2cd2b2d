internal import CLua

/// How an argument of a host function comes, where it isn't as plain values.
public indirect enum ArgumentForm: Sendable {
    /// A table comes as a ``JSONDocument``: nothing is made of its parts but text. Everything else, and a table that JSON
    /// can't hold, comes as a value; ``JSON/write(_:_:allowsNaN:)`` says what is wrong with it.
    case json
    /// Each item of a table comes in that form.
    case items(ArgumentForm)
    /// These fields of a table come in these forms, others as values; in Lua's order, which is none.
    case fields([Field])

    /// A field by name.
    public struct Field: Sendable {
        let name: String
        let form: ArgumentForm

        /// A field that comes in that form.
        public init(_ name: String, _ form: ArgumentForm) {
            self.name = name
            self.form = form
        }
    }
}

extension ArgumentForm {
    /// The form as C holds it, which belongs to the caller.
    func copy() throws(LuaError) -> OpaquePointer {
        let kind: arc_form_kind
        var parts: [Field] = []
        switch self {
        case .json: kind = ARC_FORM_JSON
        case .items(let item): (kind, parts) = (ARC_FORM_ITEMS, [Field("", item)])
        case .fields(let fields): (kind, parts) = (ARC_FORM_FIELDS, fields)
        }
        guard let form = arc_form_new(Int32(kind.rawValue)) else { throw MachineCore.outOfMemory }
        for part in parts {
            guard arc_form_add(form, part.name, try part.form.copy()) else { throw MachineCore.outOfMemory }
        }
        return form
    }
}

/// A table that came as JSON text; and one that goes to a script so, which is made of its text where the script looks at
/// it, one level at a time. Text of a scalar goes as the scalar.
///
/// An object's members are in the order in which Lua has them, which is none.
public final class JSONDocument: HostObject {
    /// What scripts and errors call it.
    public static let typeName = "JSON"

    /// The text, which is valid JSON in UTF-8; compact, where it came from a script.
    public let text: String

    /// A document of that text.
    public init(_ text: String) { self.text = text }

    /// The bytes of the text.
    public var memoryFootprint: Int { text.utf8.count }
}
