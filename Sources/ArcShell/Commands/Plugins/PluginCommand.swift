import ArcHost
import ArgumentParser
import FoundationEssentials

/// `arc plugin …`
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Make, check, test and grant plugins, and see those that arc finds.",
        subcommands: [
            PluginListCommand.self, PluginNewCommand.self, PluginCheckCommand.self, PluginTestCommand.self,
            PluginGrantCommand.self, PluginDocsCommand.self,
        ], defaultSubcommand: PluginListCommand.self)
}

/// `arc plugin list`
struct PluginListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the plugins and what they provide.",
        discussion: """
            arc looks in plugins/ of the folder that it is started in, in the user's folder, in those of \
            ARC_PLUGIN_PATH, and beside itself; the first of a name counts. A plugin that is broken, or made for another \
            arc, is named, and is exit code 1.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = try Workspace(server: server, plugins: plugins).host.plugins
        let catalogue = host.catalogue
        let short = output.format == .table
        var rows: [[Cell]] = []
        for manifest in catalogue.plugins {
            rows.append(manifest.row(note: try host.standing(of: manifest).text(for: manifest), short: short))
        }
        for manifest in catalogue.shadowed {
            let winner = catalogue.winner(over: manifest)?.folder ?? "another folder"
            rows.append(manifest.row(note: "isn't used: the one in \(winner) comes first", short: short))
        }
        let columns = ["name", "version", "from", "provides", "asks for", "folder", "note"].map {
            Table.Column($0)
        }
        Output.write(Table(columns: columns, rows: rows).text(output.format, Output.tableOptions))
        for problem in catalogue.problems { Output.note("\(problem)") }
        if !catalogue.problems.isEmpty { throw ExitStatusError(status: .error) }
    }
}

extension PluginManifest {
    fileprivate func row(note: String?, short: Bool) -> [Cell] {
        [
            .text(name), .text(version), .text(origin.rawValue),
            .text(short ? providedInShort : provided.joined(separator: ", ")),
            .text(asked.joined(separator: ", ")), .text(folder), note.map { .text($0) } ?? .null,
        ]
    }
}

/// `arc plugin docs NAME`
struct PluginDocsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Print a page about a plugin, in Markdown.",
        discussion: "It is made from plugin.json and from the summaries of what the plugin provides.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions

    @Argument(help: "A plugin's name, or its folder.")
    var plugin: String

    func run() async throws {
        let (workspace, manifests) = try PluginChoice(names: [plugin]).open(server, plugins)
        try await workspace.run {
            for manifest in manifests { Output.write(try await workspace.host.page(of: manifest)) }
        }
    }
}

/// Which plugins a command is about: by name, by folder, or those of the project.
struct PluginChoice {
    let names: [String]

    /// A workspace that finds them, and their manifests.
    ///
    /// - Throws: `HostError` that names what isn't there, or what is wrong with a manifest.
    func open(
        _ server: ServerOptions, _ plugins: PluginOptions
    ) throws -> (workspace: Workspace, manifests: [PluginManifest]) {
        let folders = names.filter(Self.isFolder).map(Self.absolute)
        var manifests: [PluginManifest] = []
        for folder in folders { manifests.append(try PluginCheck.manifest(in: folder)) }
        let parents = Set(folders.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) }).sorted()
        let workspace = try Workspace(server: server, plugins: plugins, more: parents)
        let catalogue = workspace.host.plugins.catalogue
        for (place, folder) in folders.enumerated() {
            // The catalogue knows where it comes from: those that come with arc need no grant.
            if let manifest = catalogue.plugins.first(where: { $0.folder == folder }) {
                manifests[place] = manifest
                continue
            }
            if let problem = catalogue.problems.first(where: { $0.message.contains(folder) }) {
                throw problem
            }
            throw HostError(
                .plugin,
                "\(folder) isn't used: another plugin there is named \(manifests[place].name) as well"
            )
        }
        for name in names where !Self.isFolder(name) { manifests.append(try catalogue.plugin(name)) }
        guard names.isEmpty else { return (workspace, manifests) }
        let own = FileManager.default.currentDirectoryPath + "/plugins/"
        if let problem = catalogue.problems.first(where: { $0.message.contains(own) }) { throw problem }
        manifests = catalogue.plugins.filter { $0.folder.hasPrefix(own) }
        guard !manifests.isEmpty else {
            throw HostError(
                .plugin, "there is no plugin in plugins/ of this folder",
                advice: "Name one, or its folder; `arc plugin new NAME --kind metric` makes one.")
        }
        return (workspace, manifests)
    }

    private static func isFolder(_ name: String) -> Bool {
        name.contains("/") || name == "." || FileManager.default.fileExists(atPath: name + "/plugin.json")
    }

    private static func absolute(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let current = FileManager.default.currentDirectoryPath
        if path == "." { return current }
        if path.hasPrefix("./") { path.removeFirst(2) }
        return path.hasPrefix("/") ? path : current + "/" + path
    }
}
