import FoundationEssentials

/// The program that makes embeddings, as the user's configuration file `$XDG_CONFIG_HOME/arc/config.yaml` names it:
///
///     embed:
///       command: [python3, /home/me/embed.py]     # or one text, which a shell runs
///       timeout: 600                              # seconds for a thousand texts; 600 unless said
///
/// It is named there and nowhere else: a file that comes with a project must not run programs.
public struct EmbeddingSettings: Sendable, Hashable {
    /// The program and its arguments.
    public let command: [String]
    /// How long it may take for as many texts as it gets at once (a thousand at most).
    public let timeout: Duration

    /// A program.
    public init(command: [String], timeout: Duration = .seconds(600)) {
        self.command = command
        self.timeout = timeout
    }

    /// What the configuration file of this environment names; nil where it names none.
    ///
    /// - Throws: `EvaluationError` with code `invalid` where the file isn't as shown above.
    public init?(environment: [String: String]) throws(EvaluationError) {
        let path = Self.path(environment: environment)
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let document = try ConfigurationDocument(yaml: String(decoding: data, as: UTF8.self), name: path)
        guard let embed = document.parsed["embed"], !embed.isNull else { return nil }
        func wrong(_ what: String, _ expected: String) -> EvaluationError {
            EvaluationError(
                .invalid, "\(path): \(what) must be \(expected)",
                advice: "It reads:\n  embed:\n    command: [python3, embed.py]\n    timeout: 600")
        }
        guard case .object(let members) = embed else { throw wrong("embed", "a mapping with a command") }
        for member in members where !["command", "timeout"].contains(member.name) {
            throw wrong("embed", "a mapping of command and timeout, not \"\(member.name)\"")
        }
        switch embed["command"] {
        case .string(let text) where !text.isEmpty: command = ["/bin/sh", "-c", text]
        case .array(let words):
            let texts = words.compactMap(\.string)
            guard !texts.isEmpty, texts.count == words.count, texts.first != "" else {
                throw wrong("embed.command", "a text or a list of texts")
            }
            command = texts
        default: throw wrong("embed.command", "a text or a list of texts")
        }
        guard let limit = embed["timeout"] else {
            timeout = .seconds(600)
            return
        }
        guard let seconds = limit.double, seconds > 0, seconds <= 86_400 else {
            throw wrong("embed.timeout", "seconds, more than 0 and at most 86400")
        }
        timeout = .seconds(seconds)
    }

    /// Where the configuration file of this environment is.
    public static func path(environment: [String: String]) -> String {
        Folders(environment: environment).configuration + "/config.yaml"
    }
}
