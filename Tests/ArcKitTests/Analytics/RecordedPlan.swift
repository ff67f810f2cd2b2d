import Foundation

/// How the server ran a statement.
struct RecordedPlan {
    /// The statement.
    let query: String
    /// The plan's steps, from the top, but for those that weren't come to.
    private var steps: [[String: Any]] = []

    /// - Parameter text: what auto_explain says of it, as JSON.
    init(_ text: String) throws {
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        query = json["Query Text"] as? String ?? ""
        if let top = json["Plan"] as? [String: Any] { collect(top) }
    }

    private mutating func collect(_ step: [String: Any]) {
        guard step["Actual Loops"] as? Double ?? 1 > 0 else { return }
        steps.append(step)
        for child in step["Plans"] as? [[String: Any]] ?? [] { collect(child) }
    }

    /// The parts of `outcomes` that were read, compressed or not.
    var parts: Set<String> { Set(steps.compactMap(Self.part)) }

    /// Those that were read from end to end.
    var scannedParts: Set<String> {
        Set(steps.filter { $0["Node Type"] as? String == "Seq Scan" }.compactMap(Self.part))
    }

    /// Whether anything was written to the disk to be sorted, hashed or kept there.
    var writesToDisk: Bool {
        steps.contains { step in
            step["Sort Space Type"] as? String == "Disk" || step["Disk Usage"] as? Int ?? 0 > 0
                || step["Temp Written Blocks"] as? Int ?? 0 > 0
        }
    }

    /// Whether compressed trajectories were unpacked: TimescaleDB's step puts out the columns that it unpacks.
    var unpacksTrajectories: Bool {
        steps.contains { step in
            ["ColumnarScan", "DecompressChunk"].contains(step["Custom Plan Provider"] as? String ?? "")
                && (step["Output"] as? [String] ?? []).contains { $0.hasSuffix(".trajectory") }
        }
    }

    private static func part(_ step: [String: Any]) -> String? {
        guard let name = step["Relation Name"] as? String else { return nil }
        return name.hasPrefix("outcomes_p") || name.hasPrefix("_hyper_1_") ? name : nil
    }
}
