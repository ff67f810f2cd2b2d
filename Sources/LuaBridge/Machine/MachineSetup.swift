internal import CLua

extension MachineCore {
    /// Makes everything that the configuration names.
    func furnish(_ configuration: MachineConfiguration) throws(LuaError) {
        let lua = try state()
        let libraries = configuration.libraries == .plugin ? ARC_PLUGIN : ARC_TRUSTED
        try check(arc_machine_open_libraries(lua, Int32(libraries.rawValue)))
        let output = configuration.output
        let budget = configuration.outputLimit.map { OutputBudget($0) }
        let print = HostFunction.immediate("print") { call in
            let bytes = call[0].byteValue ?? []
            try budget?.spend(bytes.count)
            output(String(decoding: bytes, as: UTF8.self))
            return []
        }
        let printing = try define(print)
        try check(arc_machine_offer_print(lua, printing))
        if configuration.libraries == .trusted {
            try check(arc_machine_place_function(lua, "host.print", printing))
            try run(
                LuaSource(name: "=[files]", text: String(decoding: PackageResources.files_lua, as: UTF8.self))
            )
        }
        try define(HostType(ErrorBox.typeName))
        for type in configuration.types { try define(type) }
        for function in configuration.functions {
            try check(arc_machine_place_function(lua, function.name, try define(function)))
        }
        for placed in configuration.values { try place(placed.value, at: placed.path) }
        for prelude in configuration.preludes { try run(prelude) }
        if let modules = configuration.modules { try offer(modules) }
        let shared = configuration.libraries == .plugin ? Self.pluginLibraries : []
        for path in shared + configuration.readOnlyModules {
            try check(arc_machine_make_read_only(lua, path))
        }
    }

    /// Of Lua's own libraries, those that a plugin has.
    private static let pluginLibraries = ["string", "table", "math", "utf8", "coroutine", "os"]

    private func offer(_ modules: ModuleLoader) throws(LuaError) {
        let find = HostFunction.immediate("host.find_module") { call in
            let source = try modules.find(call[0].stringValue ?? "")
            return [.string(source.text), .string(source.name)]
        }
        try check(arc_machine_place_function(try state(), find.name, try define(find)))
        try place(.string(modules.shared), at: "host.shared")
        try run(
            LuaSource(name: "=[modules]", text: String(decoding: PackageResources.modules_lua, as: UTF8.self))
        )
    }

    private func run(_ prelude: LuaSource) throws(LuaError) {
        let function = try load(prelude.text, name: prelude.name)
        try check(arc_machine_prelude(try state(), function.reference))
    }

    func place(_ value: LuaValue, at path: String) throws(LuaError) {
        let lua = try state()
        guard let arena = arc_arena_new(lua) else { throw Self.outOfMemory }
        defer { arc_arena_free(lua, arena) }
        try NodeWriter(core: self, arena: arena).write([value])
        try check(arc_machine_place_value(lua, path, arena))
    }

    func load(_ source: String, name: String) throws(LuaError) -> LuaFunction {
        let lua = try state()
        var reference: Int32 = 0
        // A script's first line may begin with #, as Lua's own command allows: as a comment it still counts as a line.
        var source = source.hasPrefix("#") ? "--" + source : source
        let status = source.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                arc_machine_load(lua, bytes.baseAddress, bytes.count, Self.chunkName(name), &reference)
            }
        }
        try check(status)
        return LuaFunction(reference: reference, core: self)
    }

    func check(_ source: String, name: String) -> SyntaxCheck {
        let plain = compile(source, name: name)
        let expression = compile("return " + source, name: name)
        if expression == nil { return .complete(isExpression: true) }
        guard let plain else { return .complete(isExpression: false) }
        let endings = [plain, expression].compactMap { $0?.message }
        if endings.contains(where: { $0.hasSuffix("<eof>") }) { return .incomplete }
        return .wrong(plain)
    }

    private func compile(_ source: String, name: String) -> LuaError? {
        do {
            _ = try load(source, name: name)
            return nil
        } catch {
            return error
        }
    }

    func global(_ name: String) throws(LuaError) -> LuaValue {
        let lua = try state()
        try check(arc_machine_global(lua, name))
        return values(lua).first ?? .nil
    }

    func keys(ofPath path: [String]) -> [(name: String, kind: String)] {
        guard let lua = try? state() else { return [] }
        let status = CStrings.with(path) { names in
            names.map(Optional.some).withUnsafeBufferPointer { names in
                arc_machine_keys(lua, names.baseAddress, names.count)
            }
        }
        guard status == Int32(ARC_OK.rawValue) else { return [] }
        var kinds: [String: String] = [:]
        let found = values(lua)
        for index in stride(from: 0, to: found.count - 1, by: 2) {
            guard let name = found[index].stringValue, kinds[name] == nil else { continue }
            kinds[name] = found[index + 1].stringValue ?? ""
        }
        return kinds.map { (name: $0.key, kind: $0.value) }.sorted { $0.name < $1.name }
    }

    var memory: Int { (try? state()).map { arc_machine_memory($0) } ?? 0 }

    /// Lua shows names as they are after `=`.
    private static func chunkName(_ name: String) -> String {
        name.hasPrefix("=") || name.hasPrefix("@") ? name : "=" + name
    }
}
