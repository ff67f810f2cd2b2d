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

    /// Chooses, in this order: `--ephemeral`, `--url`, `--profile`, ARC_DATABASE_URL and TIMESCALE_SERVICE_URL (from
    /// the environment, then from `.env`), PGHOST or PGSERVICE, and else the local server.
    ///
    /// - Throws: `EvaluationError` where a profile is missing or `.env` can't be read; `DatabaseError` where a URL is
    ///   wrong. Neither shows a password.
    public init(_ request: Request) throws {
        if request.ephemeral {
            (source, options) = (.ephemeral, nil)
        } else if let url = request.url {
            (source, options) = (.url, try ConnectionOptions(url))
        } else if let profile = request.profile {
            let url = try Profiles(environment: request.environment).url(of: profile)
            (source, options) = (.profile(profile), try ConnectionOptions(url))
        } else if let found = try Self.variable(request) {
            (source, options) = (found.source, try ConnectionOptions(found.url))
        } else if ["PGHOST", "PGSERVICE", "PGHOSTADDR"].contains(where: {
            request.environment[$0]?.isEmpty == false
        }) {
            (source, options) = (.libpq, try ConnectionOptions(""))
        } else {
            (source, options) = (.local, nil)
        }
    }

    private static func variable(_ request: Request) throws -> (source: Source, url: String)? {
        let names = ["ARC_DATABASE_URL", "TIMESCALE_SERVICE_URL"]
        for name in names {
            if let url = request.environment[name], !url.isEmpty { return (.environment(name), url) }
        }
        let file = try EnvironmentFile(in: request.workingDirectory)
        for name in names {
            if let url = file.values[name], !url.isEmpty { return (.environmentFile(name), url) }
        }
        return nil
    }

    /// Where the choice comes from, for people.
    public var description: String {
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
