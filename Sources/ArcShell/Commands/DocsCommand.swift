import ArcHost
import ArgumentParser

/// `arc docs …`: what the project generates from the table of bindings.
struct DocsCommand: ParsableCommand {
    enum Page: String, CaseIterable, ExpressibleByArgument {
        case reference, stubs
    }

    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Print the library's reference (Markdown), or stubs for lua-language-server.")

    @Argument(help: "reference or stubs.")
    var page: Page

    func run() throws {
        Output.write(page == .reference ? LibraryReference.page : LibraryReference.stubs)
    }
}
