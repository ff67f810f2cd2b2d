/// Makes Lua of bytes: programs that pass everything there is to every function there is.
struct ScriptWriter {
    var source: ByteSource
    /// The paths of the functions to call.
    let functions: [String]
    private var nodes = 0

    init(_ source: ByteSource, functions: [String]) {
        self.source = source
        self.functions = functions
    }

    /// A whole program.
    mutating func program() -> String {
        var text = "local a, b, c, d\n"
        while !source.isAtEnd, nodes < 400 { text += statement(depth: 0) + "\n" }
        return text + "return a, b, c, d"
    }

    private mutating func block(_ depth: Int) -> String {
        var text = ""
        for _ in 0...source.below(3) { text += " " + statement(depth: depth + 1) }
        return text
    }

    private mutating func function(_ depth: Int) -> String {
        "function(x, y) \(block(depth)) return \(expression(depth + 1)) end"
    }

    private mutating func variable() -> String { source.choice(["a", "b", "c", "d"]) }

    private mutating func statement(depth: Int) -> String {
        nodes += 1
        guard depth < 5 else { return "\(variable()) = \(scalar())" }
        switch source.below(20) {
        case 0: return "\(variable()) = \(expression(depth))"
        case 1, 2, 3, 4: return "pcall(\(call(depth, asArguments: true)))"
        case 5: return "\(variable()) = \(call(depth))"
        case 6: return "\(variable()) = select(2, pcall(\(call(depth, asArguments: true))))"
        case 7: return "for i = 1, 3 do \(block(depth)) end"
        case 8: return "do local x <close> = \(expression(depth)) \(block(depth)) end"
        case 9: return "coroutine.wrap(\(function(depth)))(\(expression(depth)))"
        case 10:
            return "arc.map({\(list(depth))}, \(function(depth)), {concurrency = \(1 + source.below(3))})"
        case 11: return "arc.gather{\(function(depth)), \(function(depth))}"
        case 12: return "pcall(arc.timeout, 0.00\(source.below(9)), \(function(depth)))"
        case 13: return "arc.scope(function(s) s:spawn(\(function(depth))) \(block(depth)) end)"
        case 14:
            return
                "if type(\(variable())) == \"table\" then \(variable())[\(scalar())] = \(expression(depth)) end"
        case 15: return "error(\(expression(depth)))"
        case 16: return "xpcall(\(function(depth)), \(function(depth)))"
        case 17: return "collectgarbage()"
        case 18: return "arc.sleep(0)"
        default:
            return source.below(8) == 0
                ? "while true do pcall(\(call(depth, asArguments: true))) end" : block(depth)
        }
    }

    private mutating func call(_ depth: Int, asArguments: Bool = false) -> String {
        let name = source.choice(functions)
        let arguments = list(depth)
        return asArguments ? name + (arguments.isEmpty ? "" : ", " + arguments) : "\(name)(\(arguments))"
    }

    private mutating func list(_ depth: Int) -> String {
        (0..<source.below(5)).map { _ in expression(depth + 1) }.joined(separator: ", ")
    }

    private mutating func scalar() -> String {
        source.choice([
            "nil", "true", "false", "0", "1", "-1", "3", "2^53", "math.maxinteger", "math.mininteger", "0.5",
            "-0.0", "1/0",
            "0/0", "1e308", "\"\"", "\"a\"", "\"name\"", "\"é\"", "\"\\0\"", "\"\\xff\"", "(\"x\"):rep(300)",
            "arc.null", "print",
            "x", "y", "a", "b", "c", "d", "\"select 1\"", "\"2026-01-01\"", "\"24h\"", "\"1.50\"", "10",
        ])
    }

    private mutating func expression(_ depth: Int) -> String {
        nodes += 1
        guard depth < 5 else { return scalar() }
        switch source.below(14) {
        case 0: return "{\(list(depth))}"
        case 1:
            let key = source.choice(["name", "id", "score", "status", "x"])
            return "{\(key) = \(expression(depth + 1)), [\(scalar()) or 1] = \(expression(depth + 1))}"
        case 2: return function(depth)
        case 3: return "coroutine.create(\(function(depth)))"
        case 4: return call(depth)
        case 5: return "setmetatable({}, {__index = \(function(depth)), __close = \(function(depth))})"
        case 6: return "(\(variable()) == \(expression(depth + 1)))"
        default: return scalar()
        }
    }
}
