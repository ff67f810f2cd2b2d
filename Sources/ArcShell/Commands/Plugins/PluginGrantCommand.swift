import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials
import Glibc

/// `arc plugin grant NAME`
struct PluginGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Show what a plugin asks for, and grant it for good.",
        discussion: """
            A grant is for the plugin's files as they are now: once they change, arc asks again, and says what has changed. \
            For one command, --grant NAME does without.

            Examples:
              arc plugin grant quality
              arc plugin grant quality=db.read
              arc plugin grant quality --revoke
            """)

    @OptionGroup var server: ServerOptions

    @Flag(help: "Take back what it was granted.")
    var revoke = false

    @Flag(help: "Grant without asking.")
    var yes = false

    @Argument(help: ArgumentHelp("The plugin; with =db.read,env these alone.", valueName: "plugin"))
    var plugin: String

    func run() async throws {
        let (name, capabilities) = PluginOptions.parts(of: plugin)
        let workspace = try Workspace(server: server)
        let file = GrantStore(workspace.folders.state)
        if revoke {
            guard try file.change({ $0.revoke(name) }) else {
                throw HostError(.plugin, "plugin \(name) was granted nothing")
            }
            Output.note("plugin \(name) has no grants any more")
            return
        }
        let plugins = workspace.host.plugins
        let manifest = try plugins.catalogue.plugin(name)
        guard manifest.origin != .bundled, !manifest.asked.isEmpty else {
            Output.note(
                manifest.origin == .bundled
                    ? "\(name) came with arc, and has what it asks for" : "\(name) asks for nothing")
            return
        }
        let wanted = try capabilities.map { try PluginOptions.checked($0, plugin) } ?? manifest.asked
        for capability in wanted where !manifest.asked.contains(capability) {
            throw HostError(
                .plugin, "plugin \(name) doesn't ask for \(capability)",
                advice: "It asks for: \(manifest.asked.joined(separator: ", ")).")
        }
        let standing = try plugins.standing(of: manifest)
        Self.show(manifest, wanted, standing)
        guard try yes || Self.agrees() else {
            Output.note("nothing was granted")
            throw ExitStatusError(status: .error)
        }
        _ = try file.change { grants in
            grants.grant(manifest, wanted)
            return true
        }
        Output.note("granted to \(name) \(manifest.version): \(wanted.joined(separator: ", "))")
    }

    private static func show(_ manifest: PluginManifest, _ wanted: [String], _ standing: GrantStanding) {
        Output.note("plugin \(manifest.name) \(manifest.version), in \(manifest.folder)")
        if !manifest.summary.isEmpty { Output.note(manifest.summary) }
        if !standing.changes.isEmpty {
            Output.note("since it was granted something: \(standing.changes.joined(separator: ", "))")
        }
        Output.note("It asks to:")
        for (name, meaning) in manifest.askedInWords where wanted.contains(name) {
            Output.note("  \(name): \(meaning)")
        }
    }

    /// Asks on standard error, so that standard output stays data.
    private static func agrees() throws -> Bool {
        Output.note("Grant it? [y/N]")
        guard let answer = readLine() else {
            throw HostError(
                .input, "nobody answered",
                advice: "--yes grants without asking; --grant NAME grants for one command, as in CI.")
        }
        return ["y", "yes"].contains(answer.lowercased())
    }
}

/// The file of grants in arc's state folder, changed by one process at a time.
struct GrantStore {
    private let folder: String
    private var path: String { folder + "/grants.json" }

    /// The file in that folder.
    init(_ folder: String) { self.folder = folder }

    /// Changes the grants; nothing is written where `body` returns false.
    ///
    /// - Throws: `HostError` with code `file` where the file can't be read or written.
    func change(_ body: (inout GrantFile) -> Bool) throws -> Bool {
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw HostError(
                .file, "\(path).lock can't be made or locked: \(String(cString: strerror(errno)))",
                advice: "Check the folder and its permissions.")
        }
        defer { close(lock) }
        var grants = try GrantFile(path: path) ?? GrantFile()
        guard body(&grants) else { return false }
        try AtomicFile.write(grants.text, to: path)
        chmod(path, 0o600)
        return true
    }
}
