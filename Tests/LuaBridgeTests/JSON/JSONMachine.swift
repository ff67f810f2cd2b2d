import LuaBridge

extension MachineConfiguration {
    /// With `decode`, `encode` and `lazy` for scripts: JSON by C, with the host behind it, and JSON as the host returns it.
    static func json(libraries: LibrarySet = .trusted, memoryLimit: Int? = nil) -> MachineConfiguration {
        var configuration = MachineConfiguration.probing(libraries: libraries, memoryLimit: memoryLimit)
        configuration.functions += [
            .immediate("host.slow_decode") { call in
                guard let text = call[0].stringValue else {
                    throw LuaError(.argument, "decode: text, please")
                }
                var options = JSON.Options()
                options.allowsNaN = call[1].table?["nan"].boolValue ?? false
                options.maximumDepth = Int(call[1].table?["max_depth"].integerValue ?? 100)
                options.maximumSize = (call[1].table?["max_size"].integerValue).map(Int.init)
                return [try JSON.parse(text, options)]
            },
            .immediate("host.slow_encode") { call in [.string(try JSON.write(call[0]))] },
            .immediate("lazy") { call in [.object(JSONDocument(call[0].stringValue ?? ""))] },
        ]
        configuration.preludes.append(
            LuaSource(
                name: "=[json]",
                text: """
                    local host = ...
                    decode, encode = host.json.decode(host.slow_decode), host.json.encode(host.slow_encode)
                    null, array, object = host.null, host.array, host.object
                    """))
        return configuration
    }
}
