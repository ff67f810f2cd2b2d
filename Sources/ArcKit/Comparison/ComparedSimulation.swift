import Postgres

/// What is known of a simulation beside its runs.
struct ComparedSimulation {
    let reference: SimulationReference
    /// Where it stands now; the reference may be older.
    let state: SimulationState
    let passThreshold: Double
    let completedRuns: Int
    let totalRuns: Int
    /// How often each scenario was to be run. Of a file of results nobody knows: what is in it was run.
    let plannedTrials: Int

    static let sql = """
        select simulation_id::text, status, pass_threshold, completed_runs, total_runs,
          case when source_hash is null then trials else 1 end as planned
        from simulations
        where simulation_id in ($1, $2)
        """

    init(_ row: Row, _ reference: SimulationReference) throws {
        self.reference = reference
        state = SimulationState(rawValue: try row.get("status", as: String.self)) ?? reference.state
        passThreshold = try row.get("pass_threshold", as: Double.self)
        completedRuns = try row.get("completed_runs", as: Int.self)
        totalRuns = try row.get("total_runs", as: Int.self)
        plannedTrials = try row.get("planned", as: Int.self)
    }
}

/// The places of the scenarios that have a tag.
struct TaggedScenarios {
    let tag: String
    private(set) var places: [Int]

    /// What reads the tags of a simulation's scenarios, as arrays of JSON.
    static let sql = """
        select s.scenario_id, array_to_json(s.tags)::text as tags
        from simulation_sets x join scenarios s using (scenario_id)
        where x.simulation_id = $1 and s.tags <> '{}'
        """

    /// The tags among rows of ``sql``, in ascending order of their bytes.
    static func list(_ rows: ColumnSet, of runs: ComparedRuns) -> [TaggedScenarios] {
        // Many scenarios have the same tags, so that each set of tags is taken apart once.
        var sets = TextNumbers()
        var places: [[Int]] = []
        var set: [Int] = []
        set.reserveCapacity(rows.count)
        rows.values[1].forEachBytes { _, text in set.append(sets.number(of: text)) }
        places = Array(repeating: [], count: sets.count)
        rows.values[0].forEachBytes { row, id in
            if let place = runs.place(of: id) { places[set[row]].append(place) }
        }
        var tagged: [String: [Int]] = [:]
        for number in 0..<sets.count {
            let tags = (try? JSONReader.value(of: sets[number].utf8))?.array ?? []
            for tag in Set(tags.compactMap(\.string)) { tagged[tag, default: []] += places[number] }
        }
        return tagged.map { TaggedScenarios(tag: $0, places: $1.sorted()) }
            .sorted { $0.tag.utf8.lexicographicallyPrecedes($1.tag.utf8) }
    }
}
