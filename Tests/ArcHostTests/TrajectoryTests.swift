import LuaBridge
import Testing

@testable import ArcHost

@Suite("Trajectories from scripts")
struct TrajectoryTests {
    private static let simulation = """
        arc.create_configuration("c", "model: small")
        local sim = arc.start_simulation { config_version_id = "c", scenarios = { "a", "b" } }

        """

    @Test("a trajectory is stored as it was, in every way of recording")
    func stored() async throws {
        try await TestHost.with("trajectory") { test in
            try await test.run(
                Self.simulation + """
                    local steps = { { tool = "search", input = { n = 9007199254740993, list = {}, on = true } },
                      { text = "“done”\\n\\t\\1", cost = 0.25, none = arc.null } }
                    arc.record_outcome { simulation_id = sim, scenario_id = "a", status = "success", trajectory = steps }
                    arc.record_outcomes_batch {
                      { simulation_id = sim, scenario_id = "b", status = "error", trajectory = steps },
                      { simulation_id = sim, scenario_id = "b", trial = 2, status = "success", trajectory = "text" },
                      { simulation_id = sim, scenario_id = "b", trial = 3, status = "success", trajectory = arc.null },
                    }
                    local run = { status = "success", full_trajectory = steps }
                    sim:record_scenario_outcome { scenario = { id = "a" }, trial = 2, trajectory = run }
                    sim:record_batch_outcomes { { scenario = { id = "a" }, trial = 3, trajectory = run } }
                    local outcome = arc.outcome_from_modal { scenario = { id = "a" }, trial = 4, trajectory = run }
                    assert(outcome.trajectory[1].input.n == 9007199254740993)
                    outcome.simulation_id = sim
                    arc.transaction(function() arc.record_outcome(outcome) end)
                    assert(run.full_trajectory == steps)

                    local found = {}
                    for row in sim:get_scenario_outcomes({ trajectory = true }):rows() do
                      found[row.scenario_id .. row.trial] = row.trajectory == nil and "none" or row.trajectory
                    end
                    for _, run in ipairs { "a1", "b1", "a2", "a3", "a4" } do
                      local t = found[run]
                      assert(t[1].tool == "search" and t[1].input.n == 9007199254740993, run)
                      assert(t[1].input.on == true and next(t[1].input.list) == nil, run)
                      assert(t[2].text == "“done”\\n\\t\\1" and t[2].cost == 0.25 and t[2].none == arc.null, run)
                    end
                    assert(found.b2 == "text" and found.b3 == "none")
                    """)
        }
    }

    private static let unfit: [(String, String)] = [
        (
            "{ 1, { tool = print } }",
            "trajectory[2].tool can't be stored as JSON: a function can't be written"
        ),
        ("{ cost = 0/0 }", "trajectory.cost can't be stored as JSON: "),
        ("{ text = '\\xff' }", "trajectory.text can't be stored as JSON: a string isn't valid UTF-8"),
        ("{ 1, n = 2 }", "trajectory can't be stored as JSON: a table has both items and named fields"),
        ("print", "trajectory can't be stored as JSON: a function can't be written"),
        ("{ text = 'a\\0b' }", "trajectory holds a NUL character"),
    ]

    @Test(
        "what can't be stored is named with its outcome and its place, and nothing is recorded",
        arguments: unfit)
    func refused(_ trajectory: String, _ message: String) async throws {
        try await TestHost.with("unfit") { test in
            for (before, after) in [("", ""), ("arc.transaction(function()", "end)")] {
                let error = await test.failure(
                    Self.simulation + """
                        \(before) arc.record_outcomes_batch {
                          { simulation_id = sim, scenario_id = "a", status = "success" },
                          { simulation_id = sim, scenario_id = "b", status = "success", trajectory = \(trajectory) },
                        } \(after)
                        """)
                let told = error?.message ?? ""
                #expect(told.hasPrefix("arc.record_outcomes_batch: outcomes[2]: " + message), "\(told)")
            }
            let rows = try await test.rowCounts()
            #expect(rows["outcomes"] == 0)
        }
    }

    @Test("a table that contains itself is refused before anything is recorded")
    func cycle() async throws {
        let error = await (try TestHost.alone()).failure(
            """
            local steps = {}
            steps[1] = steps
            arc.record_outcome { scenario_id = "a", status = "success", trajectory = steps }
            """)
        #expect(error?.message.contains("contains itself") == true)
    }
}
