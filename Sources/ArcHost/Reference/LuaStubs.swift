/// `arc.d.lua`: the library for lua-language-server, from the table of bindings.
enum LuaStubs {
    static func text(_ bindings: [Binding]) -> String {
        var out = """
            ---@meta arc
            -- Generated from arc's table of bindings by `make docs`. Don't edit.

            ---@class arc
            arc = {}

            ---@class arc.Null
            arc.null = {}

            ---@class arc.Time
            ---@field unix number
            ---@field iso string

            ---@class arc.Row
            ---@field [string] any

            ---@class arc.Frame
            ---@field [integer] arc.Row
            ---@field [string] any
            ---@field rows fun(self: arc.Frame): fun(): arc.Row?
            ---@field filter fun(self: arc.Frame, keep: fun(row: arc.Row, index: integer): any): arc.Frame
            ---@field map fun(self: arc.Frame, fn: fun(row: arc.Row, index: integer): any): any[]
            ---@field head fun(self: arc.Frame, n?: integer): arc.Frame
            ---@field tail fun(self: arc.Frame, n?: integer): arc.Frame
            ---@field take fun(self: arc.Frame, rows: integer[]): arc.Frame
            ---@field select fun(self: arc.Frame, ...: string): arc.Frame
            ---@field sort fun(self: arc.Frame, by: string|table, direction?: "asc"|"desc"): arc.Frame
            ---@field group_by fun(self: arc.Frame, ...: string): arc.Groups
            ---@field aggregate fun(self: arc.Frame, kind: string, column?: string): any
            ---@field describe fun(self: arc.Frame): arc.Frame
            ---@field columns fun(self: arc.Frame): string[]
            ---@field column fun(self: arc.Frame, name: string): any[]

            ---@class arc.Groups
            ---@field agg fun(self: arc.Groups, aggregates: table<string, string|string[]>): arc.Frame

            ---@class arc.Document
            ---@field title fun(self: arc.Document, text: string)
            ---@field heading fun(self: arc.Document, text: string, level?: integer)
            ---@field text fun(self: arc.Document, text: string)
            ---@field metric fun(self: arc.Document, metric: table)
            ---@field table fun(self: arc.Document, frame: arc.Frame, options: table)
            ---@field gate fun(self: arc.Document, gate: table)

            ---@class arc.Plugin
            ---@field metrics? table[]
            ---@field categorizers? table[]
            ---@field reports? table[]
            ---@field importers? table[]

            ---@class arc.Simulation
            ---@field id string
            ---@field name? string

            """
        var seen: Set<String> = []
        for binding in bindings {
            for record in binding.parameters.flatMap(\.type.records) where seen.insert(record.name).inserted {
                out += "\n---@class arc.\(record.name)\n"
                for field in record.fields {
                    out +=
                        "---@field \(field.name)\(field.isRequired ? "" : "?") \(field.type.annotation) \(field.summary)\n"
                }
            }
        }
        for module in Set(bindings.compactMap(\.module)).sorted() { out += "\n\(module) = {}\n" }
        for binding in bindings { out += "\n" + function(binding, path: binding.path, dropping: 0) }
        for binding in bindings where binding.isSimulationMethod {
            out += "\n" + function(binding, path: "arc.Simulation:" + binding.name, dropping: 1)
        }
        return out
    }

    private static func function(_ binding: Binding, path: String, dropping: Int) -> String {
        var out = "---\(binding.summary)\n"
        let parameters = binding.parameters.dropFirst(dropping)
        for parameter in parameters {
            let name = parameter.isRest ? "..." : parameter.name + (parameter.isRequired ? "" : "?")
            out += "---@param \(name) \(parameter.type.annotation) \(parameter.summary)\n"
        }
        if let result = binding.result { out += "---@return \(result.type.annotation) # \(result.summary)\n" }
        // A method of a class that isn't a global: declared on a local of its name.
        let head = path.replacing("arc.Simulation:", with: "Simulation:")
        let declaration = head == path ? "" : "local Simulation = {}\n"
        return declaration + out + "function \(head)(\(parameters.map(\.name).joined(separator: ", "))) end\n"
    }
}

extension Binding {
    /// The table within `arc` that it is in: "arc.json"; nil for those in `arc` itself and for globals.
    fileprivate var module: String? {
        let parts = path.split(separator: ".").dropLast()
        return parts.count > 1 ? parts.joined(separator: ".") : nil
    }
}
