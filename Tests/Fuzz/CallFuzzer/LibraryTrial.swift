import ArcHost
import ArcKit
import LuaBridge
import Postgres

/// One input for arc's library: a program that calls its functions with everything there is. There is no database; what
/// needs one fails when its arguments have been checked.
struct LibraryTrial {
    private let bytes: [UInt8]

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = Array(bytes) }

    func run() { finish("a program of the library") { [self] in await exercise() } }

    private func exercise() async {
        let host = Host(pluginFolders: [], output: { _ in }) {
            throw DatabaseError(.connectionFailed, "there is no database")
        }
        guard let machine = try? host.makeScriptMachine() else {
            return require(false, "the machine doesn't open")
        }
        let functions = await Self.functions(of: machine, at: ["arc"])
        let program = bytes.withUnsafeBufferPointer { bytes in
            var writer = ScriptWriter(ByteSource(bytes), functions: functions)
            return writer.program()
        }
        let work = Task { try? await machine.run(program, name: "fuzz") }
        let watchdog = Task {
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return }
            machine.interrupt()
        }
        _ = await work.value
        watchdog.cancel()
        let sum = try? await machine.run("return 1 + 1", name: "after")
        require(sum == [2], "\(program)\nleaves the machine unusable")
        await machine.close()
        await host.close()
    }

    private static func functions(of machine: Machine, at path: [String]) async -> [String] {
        var found: [String] = []
        for (name, kind) in await machine.keys(ofPath: path) {
            if kind == "function" { found.append((path + [name]).joined(separator: ".")) }
            if kind == "table", path.count < 3 { found += await functions(of: machine, at: path + [name]) }
        }
        return found
    }
}
