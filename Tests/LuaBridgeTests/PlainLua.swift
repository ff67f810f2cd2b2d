import Foundation

/// The `lua5.4` of the machine, which is the measure of what arc's own functions do.
enum PlainLua {
    /// What a chunk writes, given those arguments.
    static func run(_ chunk: String, arguments: [String] = []) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "arc-\(UUID()).lua")
        try Data(chunk.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["lua5.4", file.path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }

    struct Failure: Error {
        var status: Int32
    }
}
