import ArcKit
import LuaBridge

/// Everything that the library declares, to be looked up and written down.
struct Reference: Sendable {
    let bindings: [Binding]
    let types: [TypeBinding]

    /// Functions and methods.
    var all: [Binding] { bindings + types.flatMap(\.methods) }

    /// The tables of functions, with their functions: "arc.json". Those directly in `arc` are "arc".
    var modules: [(name: String, functions: [Binding])] {
        let names = Set(bindings.compactMap(\.module)).sorted()
        return names.map { name in (name, bindings.filter { $0.module == name }) }
    }

    /// What a script may mean by a name: a function, a method, a type or a module; of those, its text.
    func help(_ name: String) -> String? {
        if name.isEmpty { return overview }
        let name = name.trimmingBlanks
        if let binding = bindings.first(where: { $0.path == name || $0.path == "arc." + name }) {
            return binding.help
        }
        if let module = modules.first(where: { $0.name == name || $0.name == "arc." + name }) {
            return Self.help(module.name, module.functions)
        }
        let plain = (name.hasPrefix("arc.") ? String(name.dropFirst(4)) : name).replacing(".", with: ":")
            .lowercased()
        if let type = types.first(where: { $0.name.lowercased() == plain }) { return type.help }
        return types.lazy.flatMap(\.methods).first { $0.path.lowercased() == plain }?.help
    }

    /// What may have been meant by a name that isn't there.
    func suggestion(for name: String) -> String? {
        let methods = all.filter { $0.receiver != nil && $0.name == name }.map(\.path)
        if !methods.isEmpty { return methods.joined(separator: " or ") }
        let names = all.map(\.path) + types.map(\.name) + modules.map(\.name)
        return NearestName.of(name, among: names) ?? NearestName.of("arc." + name, among: names)
    }

    private var overview: String {
        var text = Self.list(bindings)
        text += "\n\n" + HelpText.wrapped("Types: \(types.map(\.name).joined(separator: ", ")).")
        return text
            + "\n\nhelp(\"arc.map\"), help(arc.json), help(frame) and help \"Time:format\" tell more of\none."
    }

    private static func help(_ module: String, _ functions: [Binding]) -> String {
        list(functions) + "\n\nhelp(\"\(functions.first?.path ?? module)\") tells more of one."
    }

    private static func list(_ functions: [Binding]) -> String {
        functions.map { "\($0.signature)\n" + HelpText.wrapped($0.summary, indent: 4) }
            .joined(separator: "\n")
    }
}

extension Binding {
    /// The table that it is in: "arc.json", or "arc"; nil for globals and methods.
    var module: String? {
        guard receiver == nil, let dot = path.lastIndex(of: ".") else { return nil }
        return String(path[..<dot])
    }
}

extension Library {
    var reference: Reference {
        let bindings = bindings
        return Reference(bindings: bindings, types: types(bindings))
    }
}

/// What arc generates about its library.
public enum LibraryReference {
    /// `docs/reference.md`.
    public static var page: String { ReferencePage.text(reference) }
    /// `docs/arc.d.lua`.
    public static var stubs: String { LuaStubs.text(reference) }
    /// `docs/arc.luacheck.lua`.
    public static var luacheck: String { LuacheckStandard.text(reference) }

    /// The fields and methods of a type's values; nil of an unknown type.
    static func members(ofType name: String) -> [(name: String, kind: String)]? {
        membersByType[name]
    }

    private static let membersByType: [String: [(name: String, kind: String)]] = {
        let types = reference.types.map { type in
            (type.name, type.fields.map { ($0.name, "field") } + type.methods.map { ($0.name, "function") })
        }
        return Dictionary(types) { first, _ in first }
    }()

    /// Of a host that is never used.
    static let reference: Reference = {
        let host = Host(pluginFolders: [], output: { _ in }) {
            throw HostError(.argument, "there is no database here")
        }
        return Library(host: host, access: .trusted).reference
    }()
}
