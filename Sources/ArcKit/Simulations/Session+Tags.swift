public import Postgres

/// A word for a simulation, such as the branch that it evaluates.
public struct SimulationTag: Sendable, Hashable {
    /// The word.
    public var tag: String
    /// The simulation's id.
    public var simulation: String
    /// Its name, where it has one.
    public var name: String?
    /// Where it stands.
    public var state: SimulationState
    /// When it was given the word.
    public var taggedAt: Timestamp

    /// Whether a text can be a tag: letters, digits and `._/-`, at most 100, as branches have them.
    static func isTag(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\/-]{0,99}/) != nil
    }
}

extension Session {
    /// What stands before a tag where a simulation is named.
    static let tagPrefix = "tag:"

    /// Gives a simulation a tag; nothing happens where it has it.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for what isn't a tag.
    public func tag(_ simulation: SimulationReference, _ tag: String) async throws {
        guard SimulationTag.isTag(tag) else {
            throw EvaluationError(
                .invalid, "a tag must be letters, digits and ._/-, at most 100, got \"\(tag)\"",
                advice: "Such as main, or release/2.")
        }
        try await connection.query(
            "insert into simulation_tags (tag, simulation_id) values ($1, $2) on conflict do nothing",
            [.text(tag), .text(simulation.id)])
    }

    /// Takes a tag away.
    ///
    /// - Throws: `EvaluationError` with code `notFound` where the simulation doesn't have it.
    public func untag(_ simulation: SimulationReference, _ tag: String) async throws {
        let gone = try await connection.query(
            "delete from simulation_tags where tag = $1 and simulation_id = $2 returning 1",
            [.text(tag), .text(simulation.id)])
        guard gone.isEmpty else { return }
        throw EvaluationError(
            .notFound, "simulation \(simulation.label) doesn't have the tag \"\(tag)\"",
            advice: "`arc tag` shows all tags.")
    }

    /// All tags in their order, of each the newest simulation first.
    public func simulationTags() async throws -> [SimulationTag] {
        try await connection.query(
            """
            select t.tag, t.simulation_id::text, s.simulation_name, s.status, t.tagged_at
            from simulation_tags t join simulations s using (simulation_id)
            order by t.tag, s.created_at desc, s.simulation_id desc
            """
        ).map { row in
            SimulationTag(
                tag: try row.get("tag", as: String.self),
                simulation: try row.get("simulation_id", as: String.self),
                name: try row.get("simulation_name", as: String?.self),
                state: SimulationState(rawValue: try row.get("status", as: String.self)) ?? .pending,
                taggedAt: try row.get("tagged_at", as: Timestamp.self))
        }
    }

    /// The simulation with that tag that was completed last.
    ///
    /// - Throws: `EvaluationError` with code `notFound` where none has it, or none of them is completed.
    func findSimulation(tagged tag: String) async throws -> SimulationReference {
        let found = try await connection.query(
            """
            select simulation_id::text, simulation_name, status, 1 as namesakes
            from simulation_tags join simulations using (simulation_id) where tag = $1
            order by (status = 'completed') desc, completed_at desc, created_at desc, simulation_id desc limit 1
            """, [.text(tag)])
        guard let row = found.first else {
            let tags = try await connection.query(
                "select distinct tag from simulation_tags order by tag limit 10000"
            )
            .map { try $0.get("tag", as: String.self) }
            throw EvaluationError.unknown(
                "no simulation has the tag \"\(tag)\"", tag, among: tags,
                advice: tags.isEmpty ? "Give one a tag: `arc tag SIMULATION \(tag)`." : nil)
        }
        let reference = try Self.reference(row)
        guard reference.state == .completed else {
            throw EvaluationError(
                .notFound, "no simulation with the tag \"\(tag)\" is completed",
                advice: "The newest is \(reference.label), which is \(reference.state.rawValue).")
        }
        return reference
    }
}
