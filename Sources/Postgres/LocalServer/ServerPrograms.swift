import Glibc

/// PostgreSQL's own programs on this machine: one directory that holds `initdb`, `pg_ctl` and `postgres`.
public struct ServerPrograms: Sendable, Equatable {
    /// The directory, for example `/usr/lib/postgresql/15/bin`.
    public let directory: String
    /// The version as PostgreSQL writes it, for example `15.20`.
    public let version: String
    /// The part of the version that decides whether a data directory fits, for example 15.
    public let major: Int

    /// The oldest version that is supported.
    public static let oldestMajor = 14
    static let names = ["initdb", "pg_ctl", "postgres"]

    /// Looks for programs that can serve `dataVersion`.
    ///
    /// - Parameters:
    ///   - search: where to look.
    ///   - dataVersion: the major version of an existing data directory, which only programs of the same
    ///     major version can serve; nil for the newest programs there are.
    /// - Throws: `serverNotInstalled` where there are none, where all are older than ``oldestMajor``, or
    ///   where none fits `dataVersion`; the advice says what to install or which variable to set.
    public static func find(
        _ search: ServerProgramSearch = .init(), dataVersion: Int? = nil
    ) async throws(DatabaseError) -> ServerPrograms {
        if let explicit = search.explicit {
            let missing = missingNames(in: explicit)
            guard missing.isEmpty else {
                throw DatabaseError(
                    .serverNotInstalled,
                    "\(search.variable) names \(explicit), which lacks \(missing.joined(separator: ", ")).",
                    advice: "Set \(search.variable) to the directory with PostgreSQL's server programs, "
                        + "for example /usr/lib/postgresql/15/bin, or unset it.")
            }
        }
        var found: [ServerPrograms] = []
        for directory in await search.directories() where missingNames(in: directory).isEmpty {
            guard let programs = await ServerPrograms(directory: directory) else { continue }
            if programs.major == dataVersion ?? max(programs.major, oldestMajor) { return programs }
            found.append(programs)
        }
        throw search.nothingSuitable(among: found, dataVersion: dataVersion)
    }

    /// Asks the programs in `directory` for their version; nil if `postgres` doesn't run or says nothing
    /// that looks like a version.
    init?(directory: String) async {
        let command = ServerCommand(programs: directory, account: nil)
        guard let said = try? await command.run("postgres", ["--version"]), said.succeeded else { return nil }
        // "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", "postgres (PostgreSQL) 19devel"
        guard
            let version = said.text.split(whereSeparator: \.isWhitespace).first(where: { $0.first!.isNumber }
            ),
            let major = Int(version.prefix(while: \.isNumber))
        else { return nil }
        self.directory = directory
        self.version = String(version)
        self.major = major
    }

    private static func missingNames(in directory: String) -> [String] {
        names.filter { access("\(directory)/\($0)", X_OK) != 0 }
    }
}

/// Where to look for PostgreSQL's programs.
public struct ServerProgramSearch: Sendable {
    /// A directory that the user named; nothing else is looked at then.
    public var explicit: String?
    /// The name of the setting behind ``explicit``, for error texts.
    public var variable: String
    /// Directories of packages. A `*` stands for one path component; where several match, the highest
    /// version comes first.
    public var patterns: [String]
    /// The search path, in the form of `PATH`: for `pg_config`, then for the programs themselves.
    public var path: String

    /// The places of Debian, Fedora, PostgreSQL's own packages and Homebrew.
    public static let standardPatterns = [
        "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*/bin",
        "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
        "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    ]

    /// A search in the standard places.
    ///
    /// - Parameters:
    ///   - explicit: the directory that the user named, if any; an empty one counts as none.
    ///   - variable: the name of the setting that `explicit` came from.
    ///   - patterns: directories of packages.
    ///   - path: the search path; this process's `PATH` unless given.
    public init(
        explicit: String? = nil, variable: String = "ARC_PG_BIN",
        patterns: [String] = ServerProgramSearch.standardPatterns, path: String? = nil
    ) {
        self.explicit = explicit == "" ? nil : explicit
        self.variable = variable
        self.patterns = patterns
        self.path = path ?? getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    }

    /// Every directory to try, best first.
    func directories() async -> [String] {
        if let explicit { return [explicit] }
        var directories = patterns.flatMap(Self.matches)
        let onPath = path.split(separator: ":").map(String.init)
        if let first = onPath.first(where: { access("\($0)/pg_config", X_OK) == 0 }) {
            let command = ServerCommand(programs: first, account: nil)
            if let said = try? await command.run("pg_config", ["--bindir"]), said.succeeded {
                directories.append(String(said.text.prefix { $0 != "\n" }))
            }
        }
        return directories + onPath
    }

    /// The directories that match `pattern`, highest version first.
    private static func matches(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        let paths = (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
        return paths.sorted { numbers($1).lexicographicallyPrecedes(numbers($0)) }
    }

    private static func numbers(_ path: String) -> [Int] {
        path.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
    }

    func nothingSuitable(among found: [ServerPrograms], dataVersion: Int?) -> DatabaseError {
        let install =
            "Install PostgreSQL's server (Debian and Ubuntu: apt install postgresql; Fedora: dnf install "
            + "postgresql-server; macOS: brew install postgresql), or set \(variable) to the directory with "
            + "initdb, pg_ctl and postgres."
        let list = found.map { "\($0.version) in \($0.directory)" }.joined(separator: ", ")
        if found.isEmpty {
            return DatabaseError(
                .serverNotInstalled,
                "PostgreSQL's server programs (\(ServerPrograms.names.joined(separator: ", "))) "
                    + "aren't on this machine.",
                advice: install)
        }
        if let dataVersion {
            return DatabaseError(
                .serverNotInstalled,
                "The local server's data was written by PostgreSQL \(dataVersion), and this machine "
                    + "has only \(list).",
                advice:
                    "Install PostgreSQL \(dataVersion) (Debian: apt install postgresql-\(dataVersion)), or "
                    + "set \(variable) to its programs. To move the data to a newer version, use pg_upgrade.")
        }
        return DatabaseError(
            .serverNotInstalled,
            "PostgreSQL \(ServerPrograms.oldestMajor) or later is needed, and this machine has only "
                + "\(list).",
            advice: install)
    }
}
