public import ArcHost
public import ArgumentParser
import FoundationEssentials
import Glibc

/// Where a report goes, and in which formats.
struct ReportOutput: ParsableArguments {
    @Option(
        name: .customLong("format"),
        help: "terminal, markdown, html, json, csv, junit or github; may be repeated with --output.")
    var formats: [DocumentFormat] = []

    @Option(
        name: .customLong("output"),
        help: ArgumentHelp("Write a file for each format into this folder.", valueName: "folder"))
    var folder: String?

    @Option(help: ArgumentHelp("Of several tables, the one to print with --format csv.", valueName: "name"))
    var table: String?

    func validate() throws {
        if formats.count > 1, folder == nil {
            throw ValidationError("several formats need a folder for their files: --output FOLDER")
        }
        if table != nil, formats != [.csv] || folder != nil {
            throw ValidationError("--table is for --format csv without --output")
        }
    }

    /// Writes the document: into the folder, to standard output, and where GitHub wants it.
    ///
    /// - Throws: `HostError` with code `file` for what can't be written, `argument` for a table that isn't there.
    func write(_ document: Document, environment: [String: String]) throws {
        if let folder {
            try write(document, into: folder, environment)
        } else {
            switch formats.first ?? .terminal {
            case .csv: try writeTable(of: document)
            case .github: try writeGitHub(document, into: nil, environment)
            case let format:
                var output = StandardOutput()
                document.write(format, Output.tableOptions, to: &output)
            }
        }
    }

    private func write(_ document: Document, into folder: String, _ environment: [String: String]) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw HostError(
                .file, "\(folder) cannot be made", advice: "Check the path and its permissions.")
        }
        let base = "\(folder)/\(Document.fileName(document.report))"
        // GitHub's is asked for by name: everywhere else it would only say twice what Markdown says.
        let all = DocumentFormat.allCases.filter { $0 != .github }
        for format in formats.isEmpty ? all : formats {
            switch format {
            case .csv: try writeTables(of: document, base)
            case .github: try writeGitHub(document, into: "\(base).\(format.fileExtension)", environment)
            default:
                try file("\(base).\(format.fileExtension)") { document.write(format, to: &$0) }
            }
        }
    }

    private func file(_ path: String, _ body: (inout FileText) throws -> Void) throws {
        try AtomicFile.write(to: path, body)
        Output.note("wrote \(path)")
    }

    // MARK: - CSV

    private func writeTables(of document: Document, _ base: String) throws {
        var taken: Set<String> = []
        for part in document.csvParts {
            // Names that are different may be the same file's.
            var name = Document.fileName(part.name)
            var number = 2
            while !taken.insert(name.lowercased()).inserted {
                name = "\(Document.fileName(part.name))_\(number)"
                number += 1
            }
            try file("\(base)-\(name).csv") { part.write(to: &$0) }
        }
    }

    private func writeTable(of document: Document) throws {
        let parts = document.csvParts
        let names = parts.map(\.name).joined(separator: ", ")
        guard !parts.isEmpty else {
            throw HostError(.argument, "report \(document.report) has no table")
        }
        guard let part = table == nil ? parts.first : parts.first(where: { $0.name == table }) else {
            throw HostError(
                .argument, "report \(document.report) has no table \"\(table ?? "")\"",
                advice: "It has: \(names).")
        }
        guard table != nil || parts.count == 1 else {
            throw HostError(
                .argument, "report \(document.report) has \(parts.count) tables, and CSV is one",
                advice: "Name one of \(names) with --table, or write all with --output FOLDER.")
        }
        var output = StandardOutput()
        part.write(to: &output)
    }

    // MARK: - GitHub

    /// The summary goes to the step that GITHUB_STEP_SUMMARY names, or else to a file, or else to standard output;
    /// annotations are commands on standard output.
    private func writeGitHub(_ document: Document, into path: String?, _ environment: [String: String]) throws
    {
        if let summary = environment["GITHUB_STEP_SUMMARY"], !summary.isEmpty {
            var status = stat()
            // A step's other commands share the room.
            let used = stat(summary, &status) == 0 ? Int(status.st_size) : 0
            try AtomicFile.append(
                document.githubSummary(limit: max(0, Document.summaryLimit - used)), to: summary)
            Output.note("wrote the step's summary")
        } else if let path {
            try file(path) { $0.write(document.githubSummary()) }
        } else {
            Output.write(document.githubSummary())
        }
        Output.write(document.githubAnnotations)
    }
}

extension DocumentFormat: ExpressibleByArgument {}

/// Standard output as text is written to it.
private struct StandardOutput: TextOutputStream {
    func write(_ string: String) { Output.write(string) }
}
