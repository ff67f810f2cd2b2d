import Foundation
import Postgres
import SeededRandom

@testable import ArcKit

/// A folder for a spool, gone when nobody holds it any more.
final class SpoolScratch: Sendable {
    /// The spool's folder, which isn't made yet.
    let path: String
    private let root: String

    init() {
        root = FileManager.default.temporaryDirectory.appending(path: "arc-spool-\(UUID().uuidString)").path
        path = root + "/state/arc/spool/11111111-2222-3333-4444-555555555555"
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    var spool: Spool { Spool(folder: path) }
    var folder: SpoolFolder { SpoolFolder(path: path) }

    /// The names of the folder's files.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    /// The names of those that end so.
    func names(_ ending: String) -> [String] { names.filter { $0.hasSuffix(ending) } }

    func bytes(_ name: String) -> [UInt8] {
        [UInt8](FileManager.default.contents(atPath: path + "/" + name) ?? Data())
    }

    /// Puts a file into the folder.
    func put(_ bytes: [UInt8], as name: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path + "/" + name))
    }

    /// Everything that a replay hands over, in order.
    @discardableResult
    func replayed(_ ledger: SpoolLedger = SpoolLedger()) async throws -> ReplayReport {
        try await spool.replay(patience: .seconds(30)) { try await ledger.record($0, $1) }
    }
}

/// What a replay handed over; it stands in for a database that is idempotent by id.
actor SpoolLedger {
    private(set) var batches: [(simulation: String, ids: [String])] = []
    private(set) var outcomes: [String: Outcome] = [:]
    /// Throws for a batch, before it is kept.
    private let refuse: @Sendable (SimulationReference, [Outcome]) throws -> Void

    init(refuse: @escaping @Sendable (SimulationReference, [Outcome]) throws -> Void = { _, _ in }) {
        self.refuse = refuse
    }

    var ids: Set<String> { Set(outcomes.keys) }
    var handedOver: Int { batches.reduce(0) { $0 + $1.ids.count } }

    func record(_ simulation: SimulationReference, _ given: [Outcome]) throws {
        try refuse(simulation, given)
        batches.append((simulation.id, given.map { $0.id ?? "" }))
        for outcome in given { outcomes[outcome.id ?? ""] = outcome }
    }
}

extension SimulationReference {
    static let spooled = SimulationReference(id: "0190a0b0-0000-7000-8000-000000000001", name: "spooled")
    static let other = SimulationReference(id: "0190a0b0-0000-7000-8000-000000000002")
}

/// Random outcomes with every field, known and not, and awkward values in each.
enum RandomOutcome {
    static func make(_ random: inout SeededGenerator) -> Outcome {
        var outcome = Outcome(
            scenario: scenario(&random), trial: .random(in: 1...10_000, using: &random),
            status: OutcomeStatus.allCases.randomElement(using: &random)!)
        func maybe<Value>(_ make: (inout SeededGenerator) -> Value) -> Value? {
            Bool.random(using: &random) ? make(&random) : nil
        }
        outcome.id = Identifier.make()
        outcome.executionTime = Timestamp(
            microseconds: .random(in: -63_000_000_000_000_000...252_000_000_000_000_000, using: &random))
        outcome.reliabilityScore = maybe {
            [0, 1, 0.1, 0.30000000000000004, .leastNonzeroMagnitude].randomElement(using: &$0)!
        }
        outcome.executionTimeMs = maybe { .random(in: 0...1_000_000_000_000, using: &$0) }
        outcome.tokensUsed = maybe { .random(in: 0...1_000_000_000_000, using: &$0) }
        outcome.costUSD = maybe { .random(in: 0...1e9, using: &$0) }
        outcome.trajectory = maybe { trajectory(&$0) }
        outcome.modalCallID = maybe { text(&$0) }
        outcome.sandboxID = maybe { text(&$0) }
        outcome.errorCode = maybe { text(&$0) }
        outcome.errorCategory = maybe { text(&$0) }
        outcome.categorizedBy = maybe { text(&$0) }
        outcome.errorMessage = maybe { text(&$0) }
        outcome.retryCount = .random(in: 0...Int(Int32.max), using: &random)
        outcome.metrics = maybe { RandomJSON.value(depth: 3, &$0) }
        return outcome
    }

    private static func scenario(_ random: inout SeededGenerator) -> Scenario {
        func maybe<Value>(_ make: (inout SeededGenerator) -> Value) -> Value? {
            Bool.random(using: &random) ? make(&random) : nil
        }
        return Scenario(
            id: "s" + text(&random), name: maybe { text(&$0) }, taskPrompt: maybe { text(&$0) },
            difficulty: maybe { text(&$0) },
            tags: (0..<Int.random(in: 0...3, using: &random)).map { _ in text(&random) },
            expectedTools: maybe { RandomJSON.value(depth: 2, &$0) },
            embedding: maybe { random in
                let numbers = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    Double(Int.random(in: 1...4096, using: &random)) / 256
                }
                return try? Embedding(numbers, place: "scenario")
            }.flatMap(\.self))
    }

    /// JSON text as somebody wrote it: with line ends between its tokens, and numbers spelt in odd ways.
    private static func trajectory(_ random: inout SeededGenerator) -> String {
        let text = RandomJSON.value(depth: 3, &random).text
        return ["{\n\t\"a\" : \(text),\r\n \"n\": 1.50e+2}", text, " \(text) ", "[1.0, 1, -0.0]"]
            .randomElement(
                using: &random)!
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        guard case .string(let text) = RandomJSON.value(depth: 0, &random) else {
            return ["", "e\u{301}", "\u{E9}", "\n\"\\\u{7F}\u{1B}[0m", "\u{10FFFF}"].randomElement(
                using: &random)!
        }
        return text
    }
}

extension Outcome {
    /// An outcome that is ready to be spooled.
    static func spooled(_ scenario: String, trial: Int = 1) -> Outcome {
        var outcome = Outcome(scenario: Scenario(id: scenario), trial: trial, status: .success)
        outcome.id = Identifier.make()
        outcome.executionTime = .now
        return outcome
    }

    /// Every field as its bytes: texts that look alike and are written differently differ.
    var fields: [String] { Self.leaves(self, "") }

    private static func leaves(_ value: Any, _ path: String) -> [String] {
        if let text = value as? String { return ["\(path)=\(Array(text.utf8))"] }
        let mirror = Mirror(reflecting: value)
        if mirror.children.isEmpty { return ["\(path)=\(value)"] }
        return mirror.children.enumerated().flatMap { leaves($1.value, "\(path).\($1.label ?? "\($0)")") }
    }
}
