import FoundationEssentials

/// The named servers of the configuration file `$XDG_CONFIG_HOME/arc/config.yaml`:
///
///     profiles:
///       production:
///         url: postgresql://arc@db.example.com/arc
///         read_url: postgresql://arc@replica.example.com/arc    # analytics; optional
///         statement_cache_size: 0                               # optional
struct Profiles: Sendable {
    private let path: String

    init(environment: [String: String]) {
        path = Folders(environment: environment).configuration + "/config.yaml"
    }

    /// What a profile says.
    struct Profile: Sendable, Equatable {
        let url: String
        let readURL: String?
        let statementCacheSize: String?
    }

    /// - Throws: `EvaluationError` with code `notFound` where the file or the profile is missing, `invalid` where the
    ///   file isn't as shown above.
    func named(_ profile: String) throws(EvaluationError) -> Profile {
        let example = "It reads:\n  profiles:\n    \(profile):\n      url: postgresql://user@host/database"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvaluationError(
                .notFound, "there is no profile \"\(profile)\": \(path) doesn't exist", advice: example)
        }
        let text = String(decoding: data, as: UTF8.self)
        let document = try ConfigurationDocument(yaml: text, name: path)
        guard case .object(let profiles) = document.parsed["profiles"] else {
            throw EvaluationError(.invalid, "\(path) has no `profiles`", advice: example)
        }
        guard let found = profiles.first(where: { $0.name == profile }) else {
            let names = profiles.map(\.name).joined(separator: ", ")
            throw EvaluationError(
                .notFound, "there is no profile \"\(profile)\" in \(path)", advice: "It has: \(names).")
        }
        guard let url = found.value["url"]?.string else {
            throw EvaluationError(.invalid, "\(path): profile \"\(profile)\" has no url", advice: example)
        }
        var size = found.value["statement_cache_size"]?.string
        if case .integer(let number) = found.value["statement_cache_size"] { size = String(number) }
        return Profile(
            url: url, readURL: found.value["read_url"]?.string,
            statementCacheSize: size)
    }
}
