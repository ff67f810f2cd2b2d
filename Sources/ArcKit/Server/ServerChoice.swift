public import Postgres

/// Which server arc works on, and why that one.
public struct ServerChoice: Sendable, CustomStringConvertible {
    /// Where a choice comes from, in the order in which arc looks.
    public enum Source: Sendable, Hashable {
        /// `--ephemeral`: a server for this command alone.
        case ephemeral
        /// `--url`.
        case url
        /// `--profile NAME`, from the configuration file.
        case profile(String)
        /// An environment variable.
        case environment(String)
        /// A variable in the `.env` file of the working directory.
        case environmentFile(String)
        /// libpq's own variables: PGHOST, PGSERVICE and the like.
        case libpq
        /// arc's private server on this machine.
        case local
    }

    /// What the caller asked for and where to look.
    public struct Request: Sendable {
        /// `--url`.
        public var url: String?
        /// `--read-url`.
        public var readURL: String?
        /// `--profile`.
        public var profile: String?
        /// `--ephemeral`.
        public var ephemeral = false
        /// The environment.
        public var environment: [String: String]
        /// The folder whose `.env` counts.
        public var workingDirectory: String

        /// A request without any wish.
        public init(environment: [String: String], workingDirectory: String) {
            self.environment = environment
            self.workingDirectory = workingDirectory
        }
    }

    /// Where the choice comes from.
    public let source: Source
    /// How to connect; nil where arc starts the server itself.
    public let options: ConnectionOptions?
    /// How to connect to the replicas that answer analytics; nil where the server answers everything.
    public let readOptions: ConnectionOptions?
    /// Where the replicas are named; nil where there are none.
    public let readSource: Source?
    /// How many prepared statements a connection keeps, where somebody said so.
    public let statementCacheSize: Int?

    /// Chooses, in this order: `--ephemeral`, `--url`, `--profile`, ARC_DATABASE_URL and TIMESCALE_SERVICE_URL (from
    /// the environment, then from `.env`), PGHOST or PGSERVICE, and else the local server.
    ///
    /// Replicas are named where the server is: by `--read-url`, by the profile's `read_url`, or, where neither `--url`
    /// nor `--profile` chose another server, by ARC_READ_DATABASE_URL. ARC_STATEMENT_CACHE_SIZE counts wherever a
    /// profile doesn't say otherwise.
    ///
    /// - Throws: `EvaluationError` where a profile is missing or `.env` can't be read; `DatabaseError` where a URL is
    ///   wrong. Neither shows a password.
    public init(_ request: Request) throws {
        let variables = try Variables(request)
        var profile: Profiles.Profile?
        var url: String?
        if request.ephemeral {
            source = .ephemeral
        } else if let given = request.url {
            (source, url) = (.url, given)
        } else if let name = request.profile {
            let found = try Profiles(environment: request.environment).named(name)
            (source, url, profile) = (.profile(name), found.url, found)
        } else if let found = variables.first(of: ["ARC_DATABASE_URL", "TIMESCALE_SERVICE_URL"]) {
            (source, url) = (found.source, found.value)
        } else if ["PGHOST", "PGSERVICE", "PGHOSTADDR"].contains(where: {
            request.environment[$0]?.isEmpty == false
        }) {
            (source, url) = (.libpq, "")
        } else {
            source = .local
        }
        options = try url.map { try ConnectionOptions($0) }
        let replicas = try Self.replicas(request, source, profile, variables)
        readSource = replicas?.source
        readOptions = try replicas.map { try ConnectionOptions($0.value) }
        statementCacheSize = try Self.statementCacheSize(profile, variables)
    }

    private static func replicas(
        _ request: Request, _ source: Source, _ profile: Profiles.Profile?, _ variables: Variables
    ) throws(EvaluationError) -> (value: String, source: Source)? {
        switch source {
        case .local, .ephemeral:
            guard request.readURL == nil else {
                throw EvaluationError(
                    .invalid, "--read-url names replicas of a server that isn't named",
                    advice: "Name the server as well, with --url or ARC_DATABASE_URL.")
            }
            return nil
        case .url: return request.readURL.map { ($0, .url) }
        case .profile: return request.readURL.map { ($0, .url) } ?? profile?.readURL.map { ($0, source) }
        case .environment, .environmentFile, .libpq:
            return request.readURL.map { ($0, .url) } ?? variables.first(of: ["ARC_READ_DATABASE_URL"])
        }
    }

    private static func statementCacheSize(_ profile: Profiles.Profile?, _ variables: Variables)
        throws(EvaluationError) -> Int?
    {
        let name = "ARC_STATEMENT_CACHE_SIZE"
        let given = profile?.statementCacheSize.map { ($0, "statement_cache_size") }
        guard let (text, place) = given ?? variables.first(of: [name]).map({ ($0.value, name) }) else {
            return nil
        }
        guard let size = Int(text), (0...100_000).contains(size) else {
            throw EvaluationError(
                .invalid, "\(place) must be a whole number from 0 (no statements are prepared) to 100000")
        }
        return size
    }

    /// The environment's variables, and behind them those of `.env`.
    private struct Variables {
        private let environment: [String: String]
        private let file: EnvironmentFile

        init(_ request: Request) throws(EvaluationError) {
            environment = request.environment
            file = try EnvironmentFile(in: request.workingDirectory)
        }

        /// The first that is there and isn't empty: the environment's before the file's.
        func first(of names: [String]) -> (value: String, source: Source)? {
            for name in names {
                if let value = environment[name], !value.isEmpty { return (value, .environment(name)) }
            }
            for name in names {
                if let value = file.values[name], !value.isEmpty { return (value, .environmentFile(name)) }
            }
            return nil
        }
    }

    /// Where the choice comes from, for people.
    public var description: String { Self.text(source) }

    /// Where the replicas are named, for people.
    public var readDescription: String? {
        readSource.map { $0 == .url ? "--read-url" : Self.text($0) }
    }

    private static func text(_ source: Source) -> String {
        switch source {
        case .ephemeral: "--ephemeral"
        case .url: "--url"
        case .profile(let name): "--profile \(name)"
        case .environment(let name): "\(name) in the environment"
        case .environmentFile(let name): "\(name) in .env"
        case .libpq: "libpq's environment variables"
        case .local: "the local server (no other server was named)"
        }
    }
}
