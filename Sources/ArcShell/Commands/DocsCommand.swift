import ArcHost
import ArgumentParser

/// `arc docs …`: what the project generates from the table of bindings.
struct DocsCommand: ParsableCommand {
    enum Page: String, CaseIterable, ExpressibleByArgument {
        case reference, stubs, luacheck
    }

    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract:
            "Print the library's reference (Markdown), stubs for lua-language-server, or a standard for luacheck."
    )

    @Argument(help: "reference, stubs or luacheck.")
    var page: Page

    func run() throws {
        switch page {
        case .reference: Output.write(LibraryReference.page)
        case .stubs: Output.write(LibraryReference.stubs)
        case .luacheck: Output.write(LibraryReference.luacheck)
        }
    }
}
