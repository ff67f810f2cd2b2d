import LuaBridge

extension Host {
    /// A page about a plugin, in Markdown: from its manifest and from what its parts say of themselves.
    ///
    /// - Throws: `HostError` with code `plugin` where it can't be loaded. Nothing of it is set up.
    public func page(of manifest: PluginManifest) async throws -> String {
        let standing = GrantStanding(asked: manifest.capabilities, granted: [])
        let plugin = try await Plugin(manifest, host: self, standing: standing)
        defer { Task { await plugin.machine.close() } }
        var out = "# \(MarkdownText.line(manifest.name))\n\n"
        if !manifest.summary.isEmpty { out += MarkdownText.paragraph(manifest.summary) + "\n\n" }
        out += "Version \(MarkdownText.line(manifest.version))"
        if let range = manifest.range { out += "; works with arc \(MarkdownText.line(range.description))" }
        out += ".\n"
        for (kind, title, columns) in Self.kinds {
            let parts = plugin.parts(kind)
            guard !parts.isEmpty else { continue }
            out += "\n## \(title)\n\n"
            out += Self.table(
                ["name"] + columns,
                parts.map { part in [part.name] + columns.map { Self.text(part.fields[$0]) } })
            for part in parts {
                guard let options = part.fields["options"].table, !options.fields.isEmpty else { continue }
                out += "\nOptions of \(MarkdownText.line(part.name)):\n\n"
                out += Self.table(
                    ["option", "summary"], options.fields.map { [$0.name ?? "", Self.text($0.value)] })
            }
        }
        out += Self.settings(of: manifest)
        if !manifest.capabilities.isEmpty {
            out += "\n## What it asks for\n\n"
            out += Self.table(
                ["capability", "meaning"], manifest.askedInWords.map { [$0.name, $0.meaning] })
        }
        return out
    }

    private static let kinds: [(kind: String, title: String, columns: [String])] = [
        ("metrics", "Metrics", ["label", "unit", "summary"]),
        ("categorizers", "Categorizers", ["priority", "summary"]), ("reports", "Reports", ["summary"]),
        ("importers", "Importers", ["summary"]),
    ]

    private static func settings(of manifest: PluginManifest) -> String {
        guard !manifest.configuration.isEmpty else { return "" }
        let example = manifest.configuration[0].name
        return "\n## Settings\n\n"
            + table(
                ["setting", "type", "default", "summary"],
                manifest.configuration.map { field in
                    [
                        field.name, field.type.expectation,
                        field.isRequired && field.standard.isAbsent ? "(must be set)" : text(field.standard),
                        field.summary,
                    ]
                })
            + "\nSet with `--set \(manifest.name).\(example)=…`, or under `plugins: \(manifest.name):` in arc's "
            + "`config.yaml`.\n"
    }

    private static func text(_ value: LuaValue) -> String {
        switch value {
        case .nil, .null: ""
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): Figure.significant(number, digits: 6)
        default: (try? JSON.write(value)) ?? ""
        }
    }

    private static func table(_ columns: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        return line(columns) + line(columns.map { _ in "---" })
            + rows.map { line($0.map(MarkdownText.line)) }.joined()
    }
}
