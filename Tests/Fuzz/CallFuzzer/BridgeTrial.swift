import Synchronization

@testable import LuaBridge

/// An object behind handles, whose number alive is known.
final class Probe: HostObject {
    static let typeName = "probe"
    static let live = Atomic(0)
    let memoryFootprint: Int

    init(_ footprint: Int) {
        memoryFootprint = footprint
        Self.live.add(1, ordering: .sequentiallyConsistent)
    }

    deinit { Self.live.subtract(1, ordering: .sequentiallyConsistent) }
}

/// One input for the machine: its limits, and a program.
struct BridgeTrial {
    let program: String
    private let limit: Int?
    private let failingFrom: Int
    private let isPlugin: Bool
    private let interrupts: Bool

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var source = ByteSource(bytes)
        let options = source.byte()
        isPlugin = options & 1 != 0
        limit = options & 2 != 0 ? 40_000 + Int(source.byte()) * 1000 : nil
        failingFrom = options & 4 != 0 ? Int(source.byte()) * 16 + Int(source.byte()) : 0
        interrupts = options & 8 != 0
        var writer = ScriptWriter(
            source,
            functions: [
                "probe.echo", "probe.new", "probe.close", "probe.wait", "probe.later", "probe.fail",
                "probe.direct",
                "probe.json", "a", "b", "pcall", "coroutine.resume", "coroutine.close", "setmetatable",
                "rawset", "next",
                "select", "tostring", "table.concat", "table.unpack", "table.sort", "string.rep",
                "string.format", "load",
            ])
        program = writer.program()
    }

    private var configuration: MachineConfiguration {
        var configuration = MachineConfiguration(
            libraries: isPlugin ? .plugin : .trusted, memoryLimit: limit,
            functions: [
                .immediate("probe.echo") { $0.arguments },
                .immediate("probe.new") { [.object(Probe(Int($0[0].integerValue ?? 0) & 0xFFFF))] },
                .immediate("probe.close") { call in
                    call.close(try call.object(0, as: Probe.self), as: "a probe")
                    return []
                },
                .immediate("probe.fail") { throw LuaError(.host, "failed with \($0[0])") },
                .waiting("probe.wait") { $0.arguments },
                .waiting("probe.later") { call in
                    await Task.yield()
                    return call.arguments
                },
                .direct("probe.direct") { call in
                    for index in 0..<call.count {
                        if let number = call.integer(index) { call.put(number) }
                        if let number = call.number(index) { call.put(number) }
                        if let flag = call.boolean(index) { call.put(flag) }
                        if let text = call.string(index) { try call.put(.string(text)) }
                        _ = call.withBytes(index) { call.put($0) }
                        if call.typeName(index) == "probe" {
                            try call.put(.object(call.object(index, as: Probe.self)))
                        }
                        if call.isNil(index) { call.putNil() }
                    }
                },
                HostFunction(
                    "probe.json", .immediate { $0.arguments },
                    forms: [
                        .json, .items(.json), .fields([.init("x", .json), .init("name", .items(.json))]),
                    ]),
            ],
            values: [.init("arc.null", .null)],
            types: [
                HostType(
                    Probe.typeName,
                    methods: [
                        .immediate("close") { call in
                            call.close(try call.object(0, as: Probe.self), as: "a probe")
                            return []
                        }
                    ],
                    index: { [$0[1]] }, length: { _ in [.integer(1)] }, call: .immediate { $0.arguments })
            ])
        configuration.timeLimit = .milliseconds(30)
        configuration.outputLimit = 10_000
        TaskLibrary.add(to: &configuration, at: "arc")
        return configuration
    }

    func run() {
        finish(program) { [self] in
            await exercise()
            require(
                Probe.live.load(ordering: .sequentiallyConsistent) == 0, "\(program)\nleaves objects behind")
        }
    }

    private func exercise() async {
        guard let machine = try? Machine(configuration) else {
            require(limit != nil, "a machine without a limit doesn't open")
            return
        }
        if failingFrom > 0 {
            machine.core.failAllocations(from: failingFrom, count: failingFrom % 3 == 0 ? 2 : .max)
        }
        // What it returns may live a moment longer than the wait for it takes.
        let work = Task { _ = try? await machine.run(program, name: "fuzz") }
        if interrupts { machine.interrupt() }
        _ = await work.value
        machine.core.failAllocations(from: 0, count: 0)
        if limit == nil {
            let sum = try? await machine.run("return 1 + 1", name: "after")
            require(sum == [2], "\(program)\nleaves the machine unusable: \(String(describing: sum))")
        }
        await machine.close()
    }
}
