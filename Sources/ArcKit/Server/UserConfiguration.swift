import FoundationEssentials

/// The user's configuration file, `$XDG_CONFIG_HOME/arc/config.yaml`.
public enum UserConfiguration {
    /// Where it is.
    public static func path(environment: [String: String]) -> String {
        Folders(environment: environment).configuration + "/config.yaml"
    }

    /// What it has under that name; nil where it has nothing, or isn't there.
    ///
    /// - Throws: `EvaluationError` with code `invalid` where it isn't YAML, or the section isn't a mapping.
    public static func section(
        _ name: String, environment: [String: String]
    ) throws(EvaluationError) -> JSONValue? {
        let path = path(environment: environment)
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let document = try ConfigurationDocument(yaml: String(decoding: data, as: UTF8.self), name: path)
        guard let section = document.parsed[name], !section.isNull else { return nil }
        guard case .object = section else {
            throw EvaluationError(.invalid, "\(path): \(name) must be a mapping, not \(section.kind)")
        }
        return section
    }
}
