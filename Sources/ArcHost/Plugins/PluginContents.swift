import ArcKit
import FoundationEssentials
import Glibc

/// What of a plugin can run, by its content: `plugin.json`, the entry, and every file that `require` finds.
struct PluginContents: Sendable, Hashable {
    /// The SHA-256 of each file, by its path in the plugin's folder.
    let files: [String: String]
    /// The SHA-256 of them all: of a line with digest and path for each, by path.
    let hash: String

    /// Reads the files of a plugin's folder. What can't be read has no part: it can't be loaded either.
    init(_ manifest: PluginManifest) {
        var files: [String: String] = [:]
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: manifest.folder)) ?? []
        let home = Self.realPath(manifest.folder) ?? manifest.folder
        for name in ["plugin.json", manifest.entry] + names.filter(Self.isModule) {
            // A link counts as the file that it leads to, which is where a loader looks.
            guard let real = Self.realPath(manifest.folder + "/" + name), real.hasPrefix(home + "/"),
                Self.size(of: real) != nil, let data = FileManager.default.contents(atPath: real)
            else { continue }
            files[String(real.dropFirst(home.count + 1))] = data.withUnsafeBytes { Digest.sha256($0) }
        }
        self.files = files
        hash = Digest.sha256(
            files.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined())
    }

    /// Whether `require` can name the file: dots in a module's name are folders.
    private static func isModule(_ path: String) -> Bool {
        path.wholeMatch(of: /[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*\.lua/) != nil
    }

    /// How many bytes the file at that path has; nil where there is none, and of what isn't one.
    static func size(of path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
