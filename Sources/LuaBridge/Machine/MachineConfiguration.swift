/// The standard libraries of a machine. Both load text chunks only.
public enum LibrarySet: Sendable, Hashable {
    /// All of Lua's.
    case trusted
    /// A list of what is allowed: nothing that touches files, processes or other code. The libraries can't be changed,
    /// `__gc` is refused, and the collector isn't the script's.
    case plugin
}

/// A piece of Lua.
public struct LuaSource: Sendable, Hashable {
    /// How errors call it.
    public var name: String
    /// The text.
    public var text: String

    /// A piece of Lua by its name.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// What `require` finds in a machine.
public struct ModuleLoader: Sendable {
    /// The global table whose parts are modules that needn't be found: with `arc`, `require "arc.stats"` gives that.
    public var shared: String
    /// A module's text by its name, with a chunk name such as `@path`; throws what it has to say where there is none.
    public var find: @Sendable (_ name: String) throws -> LuaSource

    /// A loader.
    public init(shared: String, find: @escaping @Sendable (_ name: String) throws -> LuaSource) {
        self.shared = shared
        self.find = find
    }
}

/// What a machine is made of.
public struct MachineConfiguration: Sendable {
    /// A value that scripts find at a path.
    public struct PlacedValue: Sendable {
        /// Dotted, as in `arc.null`.
        public var path: String
        /// The value. Functions and references can't be placed.
        public var value: LuaValue

        /// A value at a path.
        public init(_ path: String, _ value: LuaValue) {
            self.path = path
            self.value = value
        }
    }

    /// Which standard libraries there are.
    public var libraries: LibrarySet
    /// Bytes of Lua's memory and of the objects that it holds; nil for no limit.
    public var memoryLimit: Int?
    /// How long one call may take; nil for no limit.
    public var timeLimit: Duration?
    /// How many bytes `print` may write in all; nil for no limit.
    public var outputLimit: Int?
    /// What `timeLimit` goes by.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// Asked at each call, in the Swift task that calls: what surrounds the host's functions that the call's tasks wait
    /// for, which run in Swift tasks of their own.
    public var surroundings: @Sendable () -> CallSurroundings? = { nil }
    /// Functions, placed by their names.
    public var functions: [HostFunction]
    /// Values, placed by their paths.
    public var values: [PlacedValue]
    /// Types of the objects that functions return.
    public var types: [HostType]
    /// Lua code that runs when the machine is made. Each chunk gets the table `host` as its argument
    /// (`local host = ...`): `host.null`, `host.array(t)`, `host.object(t)`, `host.mark_text(f)` with the function that
    /// makes the text of such tables, the methods of each type in `host.types.NAME`, and the functions whose names begin with `host.`; `host.json.decode(f)` and
    /// `host.json.encode(f)` are functions of a text or a value and options that C carries out, and that call `f` with the
    /// same arguments where something is wrong or an object of the host's is to be written. A chunk named `=[…]` is passed over where an
    /// error tells its place: it belongs to the script that called.
    public var preludes: [LuaSource]
    /// Where `print` writes; the text ends with a newline.
    public var output: @Sendable (String) -> Void
    /// Tables, by path, that scripts can't change once the preludes have run.
    public var readOnlyModules: [String]
    /// What `require` finds; nil leaves it as the libraries have it.
    public var modules: ModuleLoader?

    /// A configuration; by default a machine with all libraries, whose output goes nowhere.
    public init(
        libraries: LibrarySet = .trusted, memoryLimit: Int? = nil, functions: [HostFunction] = [],
        values: [PlacedValue] = [], types: [HostType] = [], preludes: [LuaSource] = [],
        output: @escaping @Sendable (String) -> Void = { _ in }, readOnlyModules: [String] = []
    ) {
        self.libraries = libraries
        self.memoryLimit = memoryLimit
        self.functions = functions
        self.values = values
        self.types = types
        self.preludes = preludes
        self.output = output
        self.readOnlyModules = readOnlyModules
    }
}
