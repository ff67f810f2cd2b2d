import ArcHost
import ArgumentParser

/// `arc docs …`: what the project generates from the table of bindings.
struct DocsCommand: ParsableCommand {
    enum Page: String, CaseIterable, ExpressibleByArgument {
        case reference, stubs, luacheck
        case documentSchema = "document-schema"
        case pluginSchema = "plugin-schema"
    }

    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract:
            "Print the library's reference (Markdown), stubs for lua-language-server, a standard for luacheck, or the JSON Schema of reports or of plugin.json."
    )

    @Argument(help: "reference, stubs, luacheck, document-schema or plugin-schema.")
    var page: Page

    func run() throws {
        switch page {
        case .reference: Output.write(LibraryReference.page)
        case .stubs: Output.write(LibraryReference.stubs)
        case .luacheck: Output.write(LibraryReference.luacheck)
        case .documentSchema: Output.write(Document.schema)
        case .pluginSchema: Output.write(PluginManifest.jsonSchema)
        }
    }
}
