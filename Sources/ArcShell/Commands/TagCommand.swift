import ArcHost
import ArcKit
import ArgumentParser

/// `arc tag SIMULATION TAG`
struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Give a simulation a tag, or list all tags.",
        discussion: """
            A tag is a word such as the branch that a simulation evaluates. Wherever a simulation is named, tag:main is the \
            newest completed one with the tag main: the usual baseline of a gate. Without arguments the tags are listed.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Take the tag away.")
    var delete = false

    @Argument(help: "A name, an id, a unique prefix of an id, or latest.")
    var simulation: String?

    @Argument(help: "The tag: letters, digits and ._/-")
    var tag: String?

    func validate() throws {
        if simulation != nil, tag == nil { throw ValidationError("name the tag: arc tag SIMULATION TAG") }
        if delete, simulation == nil {
            throw ValidationError("name both: arc tag --delete SIMULATION TAG")
        }
    }

    func run() async throws {
        let workspace = try Workspace(server: server)
        try await workspace.run {
            guard let simulation, let tag else { return try await list(workspace) }
            let found = try await workspace.simulation(simulation)
            try await workspace.host.store().session { session in
                if delete { try await session.untag(found, tag) } else { try await session.tag(found, tag) }
            }
            Output.write("\(found.label) \(delete ? "is no longer" : "is") tagged \(tag)\n")
        }
    }

    private func list(_ workspace: Workspace) async throws {
        let tags = try await workspace.host.store().read { try await $0.simulationTags() }
        if tags.isEmpty, output.format == .table {
            Output.note("There is no tag yet: arc tag SIMULATION TAG.")
        } else {
            Output.write(Frame(tags).text(output.format, Output.tableOptions))
        }
    }
}
