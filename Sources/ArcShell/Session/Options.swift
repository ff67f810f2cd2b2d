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

/// What plugins may do.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("grant"),
        help: ArgumentHelp(
            "Let a plugin do what its plugin.json asks for under capabilities; those that come with arc need none. May be repeated.",
            valueName: "plugin")
    )
    var grants: [String] = []
}

/// How to print data.
struct OutputOptions: ParsableArguments {
    @Option(help: "How to print data: table, expanded, json, jsonl, csv or markdown.")
    var format: TableFormat = .table
}

extension TableFormat: ExpressibleByArgument {}
