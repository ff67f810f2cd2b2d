import Foundation
import Glibc
public import Postgres

/// A program that runs beside the tests, as an unprivileged user where they are root's, and ends with this object or
/// with the process of the tests, however that ends: it waits on a pipe that only this process holds open.
public final class Companion: Sendable {
    private let pipe: Int32
    /// The directory of its own, which belongs to the user that it runs as.
    public let directory: String

    /// A directory under /tmp for the user that PostgreSQL's programs run as here.
    public static func makeDirectory() throws -> String {
        var template = Array("/tmp/companion-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "mkdtemp: \(errno)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try own(path)
        return path
    }

    /// Gives a file to the user that PostgreSQL's programs run as here.
    public static func own(_ path: String) throws {
        guard let account = try ServerAccount.forThisProcess() else { return }
        guard chown(path, account.userID, account.groupID) == 0 else {
            throw Failure(description: "chown \(path): \(errno)")
        }
    }

    /// Writes a file that only that user reads.
    public static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        chmod(path, 0o600)
        try own(path)
    }

    /// Runs a program to its end as that user; what it wrote.
    @discardableResult
    public static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        try await OwnThread.run {
            let output = Pipe()
            let process = try start(
                arguments, environment: environment, input: FileHandle.nullDevice, output: output)
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw Failure(description: "\(arguments.joined(separator: " ")): \(text)")
            }
            return text
        }
    }

    /// Starts a program, which is ended by SIGTERM, and by SIGQUIT where it would wait for its clients first; the directory is removed with it.
    public init(_ arguments: [String], directory: String) throws {
        self.directory = directory
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0, fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0,
            fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0
        else { throw Failure(description: "pipe: \(errno)") }
        pipe = ends[1]
        let script =
            "\"$@\" </dev/null & child=$!; read -r line; kill -TERM $child; kill -QUIT $child; wait $child; rm -rf \"$0\""
        let input = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        _ = try Self.start(
            ["sh", "-c", script, directory] + arguments, environment: [:], input: input, output: nil)
    }

    deinit { close(pipe) }

    private static func start(
        _ arguments: [String], environment: [String: String], input: FileHandle, output: Pipe?
    ) throws -> Process {
        // A thread of the tests may block signals, and what it starts would inherit that: a shell then waits for ever.
        var command = ["--default-signal", "sh", "-c", "cd / && exec \"$@\"", "sh"]
        if let account = try ServerAccount.forThisProcess() {
            command += [
                "setpriv", "--reuid=\(account.userID)", "--regid=\(account.groupID)", "--clear-groups", "--",
            ]
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command + arguments
        process.environment = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"].merging(environment) {
            $1
        }
        process.standardInput = input
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = output ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Connects again and again until a server answers, or refuses for another reason than that it is just starting.
    public static func wait(for options: ConnectionOptions) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do throws(DatabaseError) {
                await (try Connection.connect(options)).close()
                return
            } catch {
                let isStarting = error.server.map { $0.sqlState == "57P03" } ?? true
                guard isStarting, ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Something that a test needs and didn't get.
    public struct Failure: Error, CustomStringConvertible {
        /// What.
        public let description: String
    }
}
