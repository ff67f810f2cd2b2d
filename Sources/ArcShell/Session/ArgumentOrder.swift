import ArgumentParser

/// Lets options stand before the subcommand that they are for: `arc --url U db status` is `arc db status --url U`.
struct ArgumentOrder {
    private let root: any ParsableCommand.Type

    /// The options that every subcommand knows, and whether a value follows.
    private static let shared = [
        "--url": true, "--read-url": true, "--profile": true, "--format": true, "--grant": true,
        "--set": true,
        "--ephemeral": false,
    ]

    /// Which of these options a word is, with or without its value behind a `=`; nil where it is none of them.
    static func shared(in word: String) -> (name: String, takesValue: Bool)? {
        let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
        return shared[name].map { (name, $0) }
    }

    init(_ root: any ParsableCommand.Type) { self.root = root }

    /// The words with leading options moved behind the subcommand; unchanged where no subcommand follows them.
    func reordered(_ words: [String]) -> [String] {
        var options: [String] = []
        var rest = words[...]
        while let word = rest.first {
            guard let option = Self.shared(in: word) else { break }
            options.append(rest.removeFirst())
            if option.takesValue, option.name == word, !rest.isEmpty { options.append(rest.removeFirst()) }
        }
        var names: [String] = []
        var command = root
        while let word = rest.first, let next = Self.subcommand(word, of: command) {
            names.append(rest.removeFirst())
            command = next
        }
        return names.isEmpty ? words : names + options + rest
    }

    private static func subcommand(
        _ name: String, of command: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        command.configuration.subcommands.first { $0._commandName == name }
    }
}
