import Foundation
import LuaBridge
import Testing

/// The `lua5.4` of the machine, which is the measure of what arc's own functions do.
enum PlainLua {
    /// What a chunk, whose name is `stdin`, writes, given those arguments.
    static func run(_ chunk: String, arguments: [String] = []) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["lua5.4", "-"] + arguments
        let output = Pipe()
        process.standardOutput = output
        let input = Pipe()
        process.standardInput = input
        try process.run()
        // Lua reads the whole chunk before it writes anything.
        try input.fileHandleForWriting.write(contentsOf: Data(chunk.utf8))
        try input.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }

    /// Records where the lines that a chunk writes, by `write(…)`, aren't the same here and in plain Lua.
    static func compare(_ chunk: String, _ arguments: [String], count: Int) async throws {
        let chunk = "local function write(...) print(...) end\n" + chunk
        let output = Output()
        let machine = try Machine(MachineConfiguration(output: { output.write($0) }))
        _ = try await machine.run(chunk, name: "=stdin", arguments: arguments.map { .string($0) })
        let here = output.all.joined().split(separator: "\n")
        let plain = try run(chunk, arguments: arguments).split(separator: "\n")
        #expect(here.count == count && plain.count == count)
        let different = zip(here, plain).filter { $0 != $1 }
        #expect(
            different.isEmpty,
            "\(different.count) differ; the first: \(different.first.map { "\($0)" } ?? "")")
    }

    struct Failure: Error {
        var status: Int32
    }
}
