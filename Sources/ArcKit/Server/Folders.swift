/// Where arc keeps its files, after the XDG Base Directory Specification 0.8.
public struct Folders: Sendable, Hashable {
    /// Configuration: `$XDG_CONFIG_HOME/arc`.
    public let configuration: String
    /// Data, the local server among it: `$XDG_DATA_HOME/arc`.
    public let data: String
    /// State, the history among it: `$XDG_STATE_HOME/arc`.
    public let state: String

    /// The folders that this environment names. A relative path in a variable counts as unset, as the specification
    /// says.
    public init(environment: [String: String]) {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        func folder(_ variable: String, _ fallback: String) -> String {
            let named = environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
            return (named ?? "\(home)/\(fallback)") + "/arc"
        }
        configuration = folder("XDG_CONFIG_HOME", ".config")
        data = folder("XDG_DATA_HOME", ".local/share")
        state = folder("XDG_STATE_HOME", ".local/state")
    }
}
