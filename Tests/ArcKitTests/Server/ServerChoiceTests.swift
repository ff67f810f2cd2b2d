import FoundationEssentials
import Postgres
import Testing

@testable import ArcKit

@Suite("Which server arc works on")
struct ServerChoiceTests {
    /// A folder that is gone after `body`, with these files.
    static func withFolder<Result>(
        _ files: [String: String] = [:], _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "arc-choice-\(Identifier.make())")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (path, text) in files {
            let url = URL(filePath: folder).appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return try body(folder)
    }

    static let profiles = """
        profiles:
          production:
            url: postgresql://arc:secret@profile.example.com/arc
          empty: {}
        """

    /// Everything that could name a server, the most wanted first.
    static let sources: [ServerChoice.Source] = [
        .ephemeral, .url, .profile("production"), .environment("ARC_DATABASE_URL"),
        .environment("TIMESCALE_SERVICE_URL"), .environmentFile("ARC_DATABASE_URL"),
        .environmentFile("TIMESCALE_SERVICE_URL"), .libpq, .local,
    ]

    @Test("of all that name a server the first in the order of the manual counts", arguments: sources.indices)
    func order(first: Int) throws {
        var environment: [String: String] = [:]
        var file = ""
        let given = Set(Self.sources[first...].map { "\($0)" })
        func has(_ source: ServerChoice.Source) -> Bool { given.contains("\(source)") }
        for name in ["ARC_DATABASE_URL", "TIMESCALE_SERVICE_URL"] {
            if has(.environment(name)) {
                environment[name] = "postgresql://\(name.lowercased()).example.com/arc"
            }
            if has(.environmentFile(name)) { file += "\(name)=postgresql://file.example.com/arc\n" }
        }
        if has(.libpq) { environment["PGHOST"] = "pghost.example.com" }
        try Self.withFolder([".env": file, "config/arc/config.yaml": Self.profiles]) { folder in
            environment["XDG_CONFIG_HOME"] = folder + "/config"
            var request = ServerChoice.Request(environment: environment, workingDirectory: folder)
            request.ephemeral = has(.ephemeral)
            if has(.url) { request.url = "postgresql://url.example.com/arc" }
            if has(.profile("production")) { request.profile = "production" }
            let choice = try ServerChoice(request)
            #expect(choice.source == Self.sources[first])
            let hosts: [String?] = [
                nil, "url.example.com", "profile.example.com", "arc_database_url.example.com",
                "timescale_service_url.example.com", "file.example.com", "file.example.com",
            ]
            if first < hosts.count { #expect(choice.options?.host == hosts[first]) }
            #expect((choice.options == nil) == (choice.source == .ephemeral || choice.source == .local))
        }
    }

    @Test("each choice says where it comes from")
    func descriptions() throws {
        try Self.withFolder([".env": "ARC_DATABASE_URL=postgresql://h/arc"]) { folder in
            let file = try ServerChoice(.init(environment: [:], workingDirectory: folder))
            #expect(file.description == "ARC_DATABASE_URL in .env")
        }
        try Self.withFolder { folder in
            let local = try ServerChoice(.init(environment: [:], workingDirectory: folder))
            #expect(local.description.hasPrefix("the local server"))
            let variable = try ServerChoice(
                .init(environment: ["TIMESCALE_SERVICE_URL": "postgresql://h/arc"], workingDirectory: folder))
            #expect(variable.description == "TIMESCALE_SERVICE_URL in the environment")
        }
    }

    @Test(
        "an empty variable counts as unset",
        arguments: ["ARC_DATABASE_URL", "TIMESCALE_SERVICE_URL", "PGHOST"])
    func empty(name: String) throws {
        try Self.withFolder([".env": "ARC_DATABASE_URL=\n"]) { folder in
            let choice = try ServerChoice(.init(environment: [name: ""], workingDirectory: folder))
            #expect(choice.source == .local)
        }
    }

    @Test("no description shows a password", arguments: ["url", "profile", "environment", "file"])
    func passwords(source: String) throws {
        let url = "postgresql://arc:s3cr%40t@db.example.com/arc"
        let files = [
            ".env": source == "file" ? "ARC_DATABASE_URL='\(url)'" : "",
            "config/arc/config.yaml": "profiles: {p: {url: '\(url)'}}",
        ]
        try Self.withFolder(files) { folder in
            var request = ServerChoice.Request(
                environment: ["XDG_CONFIG_HOME": folder + "/config"], workingDirectory: folder)
            if source == "url" { request.url = url }
            if source == "profile" { request.profile = "p" }
            if source == "environment" { request.environment["ARC_DATABASE_URL"] = url }
            let choice = try ServerChoice(request)
            let options = try #require(choice.options)
            for text in ["\(choice)", "\(options)", String(reflecting: options), String(describing: choice)] {
                #expect(!text.contains("s3cr"))
            }
            #expect(options.url.contains("s3cr%40t"))
        }
    }

    @Test("a URL that can't be read is refused without its password")
    func badURL() throws {
        try Self.withFolder { folder in
            var request = ServerChoice.Request(environment: [:], workingDirectory: folder)
            request.url = "postgresql://arc:s3cret@host:port/arc"
            let error = #expect(throws: DatabaseError.self) { try ServerChoice(request) }
            #expect(error.map { !"\($0)\(String(reflecting: $0))".contains("s3cret") } == true)
        }
    }

    @Test("a profile that isn't there is refused with those that are")
    func profiles() async throws {
        let cases = [
            ("nobody", Self.profiles, EvaluationError.Code.notFound, "production, empty"),
            ("empty", Self.profiles, .invalid, "profile \"empty\" has no url"),
            ("p", "servers: {}", .invalid, "has no `profiles`"),
            ("p", "profiles: [", .invalid, "config.yaml: it is not valid YAML"),
        ]
        for (name, yaml, code, says) in cases {
            let error = try Self.withFolder(["arc/config.yaml": yaml]) { folder in
                var request = ServerChoice.Request(
                    environment: ["XDG_CONFIG_HOME": folder], workingDirectory: folder)
                request.profile = name
                return #expect(throws: EvaluationError.self) { try ServerChoice(request) }
            }
            #expect(error?.code == code)
            #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test("without a configuration file the error shows how it reads")
    func noFile() throws {
        try Self.withFolder { folder in
            var request = ServerChoice.Request(environment: ["HOME": folder], workingDirectory: folder)
            request.profile = "production"
            let error = #expect(throws: EvaluationError.self) { try ServerChoice(request) }
            #expect(error?.code == .notFound)
            #expect(error?.description.contains("\(folder)/.config/arc/config.yaml doesn't exist") == true)
            #expect(error?.description.contains("url: postgresql://") == true)
        }
    }
}

@Suite("Files named by the environment")
struct EnvironmentTests {
    @Test("a .env file has names and values, with quotes, comments and export")
    func parse() {
        let text = """
            # a comment
            PLAIN=value
              INDENTED = spaced out
            export EXPORTED=yes
            DOUBLE="two # words"  # comment
            SINGLE='it is "it"'
            TRAILING=value # comment
            HASH=a#b
            EMPTY=
            EMPTY_QUOTED=""
            EQUALS=a=b?c=d
            URL=postgresql://u:p%23@h/db?sslmode=require
            OPEN="no end
            LAST=first
            LAST=second
            1BAD=x
            no assignment
            #COMMENTED=x
            exportED=z
            """
        let expected = [
            "PLAIN": "value", "INDENTED": "spaced out", "EXPORTED": "yes", "DOUBLE": "two # words",
            "SINGLE": "it is \"it\"", "TRAILING": "value", "HASH": "a#b", "EMPTY": "", "EMPTY_QUOTED": "",
            "EQUALS": "a=b?c=d", "URL": "postgresql://u:p%23@h/db?sslmode=require", "OPEN": "\"no end",
            "LAST": "second", "exportED": "z",
        ]
        #expect(EnvironmentFile.parse(text) == expected)
        #expect(EnvironmentFile.parse(text.replacing("\n", with: "\r\n")) == expected)
        #expect(EnvironmentFile.parse("") == [:])
    }

    @Test("an empty value with a comment behind it is empty")
    func emptyWithComment() {
        #expect(EnvironmentFile.parse("A= # nothing\nB=x") == ["A": "", "B": "x"])
    }

    @Test("folders follow the XDG specification")
    func folders() {
        let folders = Folders(environment: [
            "HOME": "/home/a", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s",
        ])
        #expect(folders.configuration == "/c/arc" && folders.data == "/d/arc" && folders.state == "/s/arc")
    }

    @Test("relative and empty paths count as unset", arguments: ["relative", "./here", "", "~/x"])
    func unset(path: String) {
        let folders = Folders(environment: [
            "HOME": "/home/a", "XDG_CONFIG_HOME": path, "XDG_DATA_HOME": path, "XDG_STATE_HOME": path,
        ])
        #expect(folders == Folders(environment: ["HOME": "/home/a"]))
        #expect(folders.configuration == "/home/a/.config/arc")
        #expect(folders.data == "/home/a/.local/share/arc")
        #expect(folders.state == "/home/a/.local/state/arc")
    }
}

@Suite("Which replicas answer, and how many statements are kept")
struct ReadChoiceTests {
    private static func choose(
        _ environment: [String: String], file: String = "", profile: String? = nil, url: String? = nil,
        readURL: String? = nil, ephemeral: Bool = false
    ) throws -> ServerChoice {
        let profiles = """
            profiles:
              p: {url: postgresql://p/arc, read_url: postgresql://r:s3cr3t@p-read/arc, statement_cache_size: 7}
              q: {url: postgresql://q/arc, statement_cache_size: many}
            """
        return try ServerChoiceTests.withFolder([".env": file, "config/arc/config.yaml": profiles]) {
            folder in
            var request = ServerChoice.Request(
                environment: environment.merging(["XDG_CONFIG_HOME": folder + "/config"]) { $1 },
                workingDirectory: folder)
            (request.url, request.readURL, request.profile) = (url, readURL, profile)
            request.ephemeral = ephemeral
            return try ServerChoice(request)
        }
    }

    private static let variables = [
        "ARC_DATABASE_URL": "postgresql://main/arc", "ARC_READ_DATABASE_URL": "postgresql://read/arc",
    ]

    @Test("they are named where the server is, so that nobody reads from another server's replicas")
    func together() throws {
        let variable = try Self.choose(Self.variables)
        #expect(variable.readOptions?.host == "read")
        #expect(variable.readDescription == "ARC_READ_DATABASE_URL in the environment")
        let file = try Self.choose(
            ["PGHOST": "main"], file: "ARC_READ_DATABASE_URL=postgresql://file-read/arc\n")
        #expect(file.readOptions?.host == "file-read")
        #expect(file.readDescription == "ARC_READ_DATABASE_URL in .env")
        let profile = try Self.choose(Self.variables, profile: "p")
        #expect(profile.readOptions?.host == "p-read" && profile.readDescription == "--profile p")
        #expect("\(profile) \(profile.readOptions.map { "\($0)" } ?? "")".contains("s3cr3t") == false)
    }

    @Test("--url and --profile aren't mixed with the environment's replicas; --read-url counts beside all")
    func apart() throws {
        #expect(try Self.choose(Self.variables, url: "postgresql://other/arc").readOptions == nil)
        #expect(try Self.choose(Self.variables, ephemeral: true).readOptions == nil)
        #expect(try Self.choose(["ARC_READ_DATABASE_URL": "postgresql://read/arc"]).readOptions == nil)
        for (profile, url) in [("p", nil), (nil, "postgresql://x/arc"), (nil, nil)] as [(String?, String?)] {
            let choice = try Self.choose(
                Self.variables, profile: profile, url: url, readURL: "postgresql://mine/arc")
            #expect(choice.readOptions?.host == "mine" && choice.readDescription == "--read-url")
        }
        #expect(throws: EvaluationError.self) { try Self.choose([:], readURL: "postgresql://mine/arc") }
    }

    @Test("the number of statements comes from the profile, else from the environment, else from the server")
    func statements() throws {
        #expect(try Self.choose(Self.variables).statementCacheSize == nil)
        let size = ["ARC_STATEMENT_CACHE_SIZE": "0"]
        #expect(try Self.choose(size).statementCacheSize == 0)
        #expect(try Self.choose([:], file: "ARC_STATEMENT_CACHE_SIZE=12\n").statementCacheSize == 12)
        #expect(try Self.choose(size, profile: "p").statementCacheSize == 7)
        for bad in ["many", "-1", "1.5", "1000000"] {
            #expect(throws: EvaluationError.self) { try Self.choose(["ARC_STATEMENT_CACHE_SIZE": bad]) }
        }
        #expect(throws: EvaluationError.self) { try Self.choose([:], profile: "q") }
    }
}
