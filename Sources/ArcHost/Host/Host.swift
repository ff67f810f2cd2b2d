public import ArcKit
import FoundationEssentials
public import LuaBridge
public import Postgres
import Synchronization

/// What scripts and plugins stand on: a store that is opened at the first call that needs it, the plugins, and where
/// output goes.
public final class Host: Sendable {
    /// Opens the store, once.
    let stores: StoreOpener
    /// The plugins that were found.
    public let plugins: PluginHost

    /// The simulations that were recorded into.
    let recordingTargets = RecordingTargets()

    let showProgress: TaskLibrary.ShowProgress
    /// What `arc.time.now` goes by.
    let now: @Sendable () -> Timestamp
    /// What `arc.env` shows.
    let environment: [String: String]
    private let exit = Mutex<Int32?>(nil)
    let tableOptions: @Sendable () -> TableOptions
    private let output: @Sendable (String) -> Void
    private let pluginOutput: @Sendable (String) -> Void

    /// A host.
    ///
    /// - Parameters:
    ///   - folders: where plugins are looked for, the first of a name wins.
    ///   - grants: what plugins may do beyond computing.
    ///   - settings: what was set for plugins.
    ///   - tellFailure: is told each failure of a plugin that others go on after.
    ///   - output: where `print` writes.
    ///   - pluginOutput: where `print` writes in a plugin; the same unless given.
    ///   - progress: where `arc.map` shows how far it is.
    ///   - now: the time for `arc.time.now`.
    ///   - environment: what `arc.env` shows; this process's own unless given.
    ///   - tableOptions: how frames are laid out that a script prints.
    ///   - openStore: connects to the database; called at most once at a time, at the first call that needs it.
    public init(
        pluginFolders folders: [PluginFolder], grants: Grants = Grants(),
        settings: PluginSettings = PluginSettings(),
        tellFailure: @escaping @Sendable (PluginFailure) -> Void = { _ in },
        output: @escaping @Sendable (String) -> Void, pluginOutput: (@Sendable (String) -> Void)? = nil,
        progress: @escaping TaskLibrary.ShowProgress = { _, _, _ in },
        now: @escaping @Sendable () -> Timestamp = { .now },
        environment: [String: String]? = nil,
        tableOptions: @escaping @Sendable () -> TableOptions = { TableOptions() },
        openStore: @escaping @Sendable () async throws -> Store
    ) {
        stores = StoreOpener(openStore)
        plugins = PluginHost(folders: folders, grants: grants, settings: settings, tell: tellFailure)
        self.output = output
        self.pluginOutput = pluginOutput ?? output
        showProgress = progress
        self.now = now
        self.environment = environment ?? ProcessInfo.processInfo.environment
        self.tableOptions = tableOptions
    }

    /// The store; opened now if it wasn't yet.
    public func store() async throws -> Store { try await stores.store() }

    /// Closes the plugins' machines. They call the host, and the host keeps them: one of the two has to let go.
    public func close() async { await plugins.close() }

    /// The exit code that a script has asked for with `os.exit`, which has ended its tasks: the command is to end with it.
    public var exitCode: Int32? { exit.withLock { $0 } }

    /// A machine for a user's own script: every standard library, every function of `arc`, and memory up to
    /// `ScriptMemory`'s limit.
    ///
    /// - Parameters:
    ///   - arguments: the script's arguments, for `arg`; index 0 is its name.
    ///   - folder: where `require` looks first.
    public func makeScriptMachine(
        name: String = "arc", arguments: [String] = [], folder: String = "."
    ) throws -> Machine {
        let library = Library(host: self, access: .trusted)
        var configuration = library.configuration(libraries: .trusted, output: output)
        configuration.memoryLimit = try ScriptMemory.limit(environment)
        let rest = arguments.map(LuaValue.string)
        let arg = LuaTable(array: rest, fields: [.init(key: .integer(0), value: .string(name))])
        configuration.values.append(.init("arg", .table(arg)))
        configuration.values.append(.init("host.script_folder", .string(folder)))
        configuration.functions.append(
            .immediate("host.exit") { [weak self] call in
                self?.exit.withLock { $0 = Int32(truncatingIfNeeded: call[0].integerValue ?? 0) }
                try call.machine.exit()
                return []
            })
        configuration.preludes.append(Library.scripts)
        return try Machine(configuration)
    }

    /// A machine for a plugin: no files, no processes, and of `arc` what it was granted.
    func makePluginMachine(
        for plugin: PluginManifest, _ standing: GrantStanding, _ files: PluginFiles
    ) throws -> Machine {
        try Machine(pluginConfiguration(for: plugin, standing, files))
    }

    /// What a plugin's machine is made of.
    func pluginConfiguration(
        for plugin: PluginManifest, _ standing: GrantStanding, _ files: PluginFiles
    ) -> MachineConfiguration {
        let rights = PluginRights(
            name: plugin.name, asked: standing.asked, granted: standing.granted, changes: standing.changes)
        var configuration = Library(host: self, access: .plugin(rights))
            .configuration(libraries: .plugin, output: pluginOutput)
        configuration.memoryLimit = plugin.memoryLimit
        configuration.timeLimit = plugin.timeLimit
        configuration.outputLimit = plugin.outputLimit
        configuration.readOnlyModules = ["arc"]
        configuration.modules = ModuleLoader(shared: "arc") { name in try files.module(name) }
        return configuration
    }
}

/// Opens the store at the first call that needs it; those who ask meanwhile get the same one. A failure is told to
/// all who waited, and the next call tries again.
actor StoreOpener {
    private let open: @Sendable () async throws -> Store
    private var opening: Task<Store, any Error>?

    init(_ open: @escaping @Sendable () async throws -> Store) { self.open = open }

    func store() async throws -> Store {
        if let opening { return try await opening.value }
        let task = Task { try await open() }
        opening = task
        do {
            return try await task.value
        } catch {
            opening = nil
            throw error
        }
    }
}
