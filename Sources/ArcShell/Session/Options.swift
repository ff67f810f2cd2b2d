public import ArcHost
import ArcKit
public import ArgumentParser
import FoundationEssentials

/// Which server to work on.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The database's URL.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("The URL of replicas that answer questions.", valueName: "url"))
    var readUrl: String?

    @Option(help: ArgumentHelp("A server named in the configuration file.", valueName: "name"))
    var profile: String?

    @Flag(help: "Use a throw-away server for this command alone.")
    var ephemeral = false

    func validate() throws {
        if [url != nil, profile != nil, ephemeral].count(where: { $0 }) > 1 {
            throw ValidationError("give one of --url, --profile and --ephemeral")
        }
    }

    /// What the choice of a server goes by.
    func request(environment: [String: String]) -> ServerChoice.Request {
        var request = ServerChoice.Request(
            environment: environment, workingDirectory: FileManager.default.currentDirectoryPath)
        request.url = url
        request.readURL = readUrl
        request.profile = profile
        request.ephemeral = ephemeral
        return request
    }
}

/// What plugins may do, and what is set for them.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("grant"),
        help: ArgumentHelp(
            "Let a plugin do what its plugin.json asks for under capabilities, or these of it (NAME=db.read,env); those that come with arc need none. May be repeated.",
            valueName: "plugin"))
    var grants: [String] = []

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting of a plugin; may be repeated.", valueName: "plugin.name=value"))
    var settings: [String] = []

    func validate() throws {
        for setting in settings where PluginSettings.Given(setting) == nil {
            throw ValidationError("--set is written PLUGIN.NAME=VALUE, got \(setting)")
        }
    }

    /// The grants of this command, and those that the user gave for good.
    func grants(in folders: Folders) throws -> Grants {
        var granted = Grants(file: Grants.path(in: folders))
        for grant in grants {
            let (name, capabilities) = Self.parts(of: grant)
            if let capabilities {
                granted.capabilities[name, default: []].formUnion(try Self.checked(capabilities, grant))
            } else {
                granted.plugins.insert(name)
            }
        }
        return granted
    }

    /// `NAME`, or `NAME=db.read,env`.
    static func parts(of grant: String) -> (name: String, capabilities: [String]?) {
        let parts = grant.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : nil)
    }

    /// - Throws: where one of them is no capability.
    static func checked(_ capabilities: [String], _ grant: String) throws -> [String] {
        for name in capabilities where !PluginManifest.allCapabilities.contains(name) {
            throw ValidationError(
                "\(grant): there is no capability \(name); there are "
                    + PluginManifest.allCapabilities.joined(separator: ", "))
        }
        return capabilities
    }

    /// - Throws: where a plugin is named that arc doesn't find.
    func check(against catalogue: PluginCatalogue) throws {
        let named =
            grants.map { ("--grant \($0)", Self.parts(of: $0).name) }
            + settings.compactMap { text in PluginSettings.Given(text).map { ("--set \(text)", $0.plugin) } }
        let known = catalogue.plugins.map(\.name)
        for (option, name) in named where !known.contains(name) {
            throw ValidationError(
                "\(option): there is no such plugin; arc finds \(known.joined(separator: ", "))")
        }
    }
}

extension Grants {
    /// Where the user's grants are kept.
    static func path(in folders: Folders) -> String { folders.state + "/grants.json" }
}

/// How to print data.
struct OutputOptions: ParsableArguments {
    @Option(help: "How to print data: table, expanded, json, jsonl, csv or markdown.")
    var format: TableFormat = .table
}

extension TableFormat: ExpressibleByArgument {}
