import FoundationEssentials
import Glibc

/// How much memory a user's own script may have. Without a limit a loop that never ends would have the system end arc, or
/// the database beside it, without a word.
public enum ScriptMemory {
    /// The environment variable that says how many mebibytes a script may have.
    public static let variable = "ARC_MEMORY_MB"

    /// Bytes: what the environment says, else a half of what the machine has, or of what its control group may use.
    ///
    /// - Throws: `HostError` with code `argument` where the environment's isn't a number of mebibytes.
    static func limit(_ environment: [String: String]) throws -> Int {
        if let text = environment[variable], !text.isEmpty {
            guard let wanted = Int(text), (1...1 << 30).contains(wanted) else {
                throw HostError(
                    .argument, "\(variable) must be a whole number of mebibytes, 1 or more, got \"\(text)\"")
            }
            return wanted << 20
        }
        return ([installed] + groups.compactMap(bound)).min().map { $0 / 2 } ?? .max
    }

    private static var installed: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

    /// Where Linux says what a control group may use, of its second version and of the first.
    private static let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]

    /// The bytes in such a file; nil where there is none, or no limit ("max").
    private static func bound(_ path: String) -> Int? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return Int(String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }).flatMap {
            $0 > 0 ? $0 : nil
        }
    }
}
