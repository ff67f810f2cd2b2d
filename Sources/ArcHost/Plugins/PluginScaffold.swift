import LuaBridge

/// The files of a new plugin, which works as it is: it passes its own check and its own test.
public struct PluginScaffold: Sendable {
    /// What the plugin is to provide.
    public enum Kind: String, Sendable, CaseIterable {
        case metric, categorizer, report, importer
    }

    /// What it is to provide.
    public let kind: Kind
    /// The files by their paths in the plugin's folder.
    public let files: [(path: String, text: String)]

    /// A plugin of that name.
    ///
    /// - Throws: `HostError` with code `argument` where a plugin can't have that name.
    public init(name: String, kind: Kind) throws {
        guard name.wholeMatch(of: /[a-z][a-z0-9-]*/) != nil else {
            throw HostError(
                .argument, "a plugin's name must be lower-case letters, digits and -, got \"\(name)\"")
        }
        let part =
            kind == .importer || kind == .report ? name : name.replacing("-", with: "_")
        func filled(_ text: String) -> String {
            text.replacing("{{name}}", with: name).replacing("{{part}}", with: part) + "\n"
        }
        self.kind = kind
        let texts = Self.texts(kind)
        files = [
            ("plugin.json", filled(Self.manifest(kind))), ("init.lua", filled(texts.code)),
            ("test.lua", filled(texts.test)), (".luarc.json", Self.editor + "\n"),
            ("arc.d.lua", LibraryReference.stubs + Self.testStubs), (".luacheckrc", Self.luacheck),
            ("arc.luacheck.lua", LibraryReference.luacheck),
        ]
    }

    private static let editor = """
        {
          "runtime.version": "Lua 5.4",
          "workspace.library": ["arc.d.lua"],
          "diagnostics.disable": ["lowercase-global"]
        }
        """

    private static let luacheck = """
        stds.arc = dofile("arc.luacheck.lua")
        std = "lua54+arc"
        max_line_length = 120
        exclude_files = { "arc.d.lua", "arc.luacheck.lua" }
        files["test.lua"] = { read_globals = { \(testGlobals.map { "\"\($0)\"" }.joined(separator: ", ")) } }

        """

    /// What `test.lua` has beside the rest.
    public static let testGlobals = [
        "describe", "it", "before_each", "expect", "plugin", "fixture", "golden",
    ]

    private static let testStubs = """

        -- What test.lua has.

        ---@param name string
        ---@param body function
        function describe(name, body) end

        ---@param name string
        ---@param body function
        function it(name, body) end

        ---@param body function
        function before_each(body) end

        ---@class arc.Expectation
        ---@field never arc.Expectation
        ---@field equals fun(self, other: any): arc.Expectation
        ---@field is fun(self, other: any): arc.Expectation
        ---@field near fun(self, other: number, tolerance?: number): arc.Expectation
        ---@field is_nil fun(self): arc.Expectation
        ---@field is_null fun(self): arc.Expectation
        ---@field is_true fun(self): arc.Expectation
        ---@field is_false fun(self): arc.Expectation
        ---@field is_a fun(self, kind: string): arc.Expectation
        ---@field contains fun(self, item: any): arc.Expectation
        ---@field matches fun(self, pattern: string): arc.Expectation
        ---@field has_length fun(self, length: integer): arc.Expectation
        ---@field fails fun(self, part?: string): arc.Expectation

        ---@return arc.Expectation
        function expect(value) end

        plugin = {}
        ---@param name string
        ---@param outcomes arc.Frame
        ---@return table
        function plugin.metric(name, outcomes) end
        ---@param name string
        ---@param failure table|string
        ---@return string?
        function plugin.categorize(name, failure) end
        ---@param name string
        ---@param head string
        ---@return boolean
        function plugin.detect(name, head) end
        ---@param name string
        ---@param text string
        ---@param options? table
        ---@return table[]
        function plugin.import(name, text, options) end
        ---@param name string
        ---@param simulation arc.Simulation
        ---@param options? { baseline?: arc.Simulation, policy?: table }
        ---@return table
        function plugin.report(name, simulation, options) end

        fixture = {}
        ---@param path string
        ---@return string
        function fixture.text(path) end
        ---@param path string
        ---@return table[]
        function fixture.records(path) end
        ---@param data string|table[]
        ---@return arc.Frame
        function fixture.frame(data) end
        ---@param data string|table[]
        ---@param options? { pass_threshold?: number }
        ---@return arc.Frame
        function fixture.outcomes(data, options) end
        ---@param data string|table[]
        ---@param options? { name?: string, configuration?: string, pass_threshold?: number }
        ---@return arc.Simulation
        function fixture.simulation(data, options) end

        ---@param name string
        ---@param document table|string
        function golden(name, document) end

        """
}
