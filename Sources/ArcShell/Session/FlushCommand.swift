import ArcKit
import Postgres

/// The command that records what waits for the database of a choice: what was chosen on the command line has to be chosen
/// again, without the password, and what the environment chose stays as it is.
struct FlushCommand: CustomStringConvertible {
    let description: String

    init(_ choice: ServerChoice) {
        let command = "arc spool flush"
        switch choice.source {
        case .local, .ephemeral: description = "`\(command)`"
        case .profile(let name): description = "`\(command) --profile \(Self.quoted(name))`"
        case .environment(let name): description = "`\(command)` (with \(name) as it is now)"
        case .environmentFile: description = "`\(command)` (in this folder, whose .env names the database)"
        case .libpq: description = "`\(command)` (with libpq's environment variables as they are now)"
        case .url:
            let shown = choice.options?.withoutPasswords
            let hint = shown == choice.options ? "" : " (with the password)"
            description = "`\(command) --url \(Self.quoted(shown?.description ?? ""))`\(hint)"
        }
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:@%+=,".utf8.contains(byte)
            }
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
