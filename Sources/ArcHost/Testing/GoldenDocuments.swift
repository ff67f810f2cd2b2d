import FoundationEssentials
import LuaBridge
import Synchronization

/// Documents that were looked at once and are to stay as they are: `golden/NAME.json` in the plugin's folder.
final class GoldenDocuments: Sendable {
    private struct State {
        var written: [String] = []
        /// Ids that differ from run to run, with what stands for them.
        var ids: [(id: String, name: String)] = []
    }

    private let folder: String
    private let updates: Bool
    private let state = Mutex(State())

    init(_ manifest: PluginManifest, updates: Bool) {
        folder = manifest.folder + "/golden"
        self.updates = updates
    }

    /// The paths of those that were written.
    var written: [String] { state.withLock { $0.written } }

    /// An id that isn't the same in the next run.
    func forget(_ id: String, name: String) { state.withLock { $0.ids.append((id, name)) } }

    /// `golden(name, document)`
    var function: HostFunction {
        .immediate("golden") { [self] call in
            guard let name = call[0].stringValue, name.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil else {
                throw HostError(
                    .argument,
                    "golden: name must be letters, digits, - and _, got \(ArgumentCheck.display(call[0]))")
            }
            let text =
                try call[1].table?["json"].stringValue ?? call[1].stringValue
                ?? JSON.write(call[1], .pretty) + "\n"
            try compare(text, name)
            return []
        }
    }

    private func compare(_ text: String, _ name: String) throws {
        let text = state.withLock { $0.ids }.reduce(text) { $0.replacing($1.id, with: "<\($1.name)>") }
        let path = "\(folder)/\(name).json"
        let files = FileManager.default
        if updates {
            guard files.contents(atPath: path) != Data(text.utf8) else { return }
            do {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(filePath: path))
            } catch { throw HostError(.file, "golden: \(path) can't be written: \(error)") }
            state.withLock { $0.written.append(path) }
            return
        }
        guard let data = files.contents(atPath: path) else {
            throw HostError(
                .file, "golden: there is no \(path) yet",
                advice: "`arc plugin test --update` writes it; look at it before you keep it.")
        }
        let old = String(decoding: data, as: UTF8.self)
        guard old != text else { return }
        throw HostError(
            .plugin, "golden: \(path) differs: " + Self.difference(old, text),
            advice: "If that is meant, `arc plugin test --update` writes it anew.")
    }

    /// The first line that differs, as it was and as it is.
    private static func difference(_ old: String, _ new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let now = new.split(separator: "\n", omittingEmptySubsequences: false)
        let place = zip(before, now).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let index = place ?? min(before.count, now.count)
        func line(_ lines: [Substring]) -> String {
            index < lines.count ? "`\(lines[index].drop { $0 == " " })`" : "its end"
        }
        return "line \(index + 1) was \(line(before)), and is \(line(now))"
    }
}
