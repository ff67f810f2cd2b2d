/// `arc.luacheck.lua`: what luacheck has to know of scripts and plugins, from the table of bindings.
enum LuacheckStandard {
    static func text(_ reference: Reference) -> String {
        var out = """
            -- Generated from arc's table of bindings by `make docs`. Don't edit.
            -- In a .luacheckrc: stds.arc = dofile("docs/arc.luacheck.lua"); std = "lua54+arc"
            return {
              read_globals = {

            """
        for binding in reference.bindings where binding.module == nil { out += "    \(binding.path) = {},\n" }
        out += "    arc = {\n      fields = {\n        null = {},\n"
        for binding in reference.bindings where binding.module == "arc" {
            out += "        \(binding.name) = {},\n"
        }
        for module in reference.modules where module.name != "arc" {
            let names = module.functions.map { "\($0.name) = {}" }.joined(separator: ", ")
            out += "        \(module.name.dropFirst(4)) = { fields = { \(names) } },\n"
        }
        return out + "      },\n    },\n  },\n}\n"
    }
}
