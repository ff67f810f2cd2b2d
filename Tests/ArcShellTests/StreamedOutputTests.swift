import TestServer
import Testing

@Suite("Rows printed as they arrive")
struct StreamedOutputTests {
    /// Prints so many rows, and returns the most memory that arc had until then, and the size of what it printed.
    private func peak(_ rows: Int, _ format: String) async throws -> (kilobytes: Int, printed: Int) {
        let world = try await World.reading()
        // The statement after tells on standard error that the rows are printed, and the last keeps arc there.
        let sql = """
            select n, repeat('x', 200) as text, n * 0.5::float8 as half \
            from generate_series(1, \(rows)) as n; create temp table printed (); select pg_sleep(600)
            """
        let program = try Program(
            ["-c", sql, "--format", format], environment: world.environment, folder: world.home.path)
        try await program.waitForNote("CREATE TABLE", within: 120)
        let kilobytes = try #require(program.peakKilobytes)
        program.interrupt()
        let result = try await program.end()
        #expect(result.status == 130)
        #expect(result.output.split(separator: "\n").count == rows + (format == "csv" ? 1 : 0))
        return (kilobytes, result.output.utf8.count / 1024)
    }

    @Test(
        "take no more memory for hundreds of thousands of rows than for a few thousand",
        arguments: ["csv", "jsonl"]
    )
    func constant(_ format: String) async throws {
        let few = try await peak(10_000, format)
        let many = try await peak(200_000, format)
        #expect(many.printed > 40_000)
        #expect((many.kilobytes - few.kilobytes) * 10 < many.printed, "\(few), \(many)")
    }

    @Test("are there before the command ends")
    func early() async throws {
        let world = try await World.reading()
        // The server sends a row when the next one fills its buffer.
        let sql = """
            select n, repeat('x', 70000) as t, case when n > 2 then (select 1 from pg_sleep(600)) end as s \
            from generate_series(1, 3) as n
            """
        let program = try Program(
            ["-c", sql, "--format", "csv"], environment: world.environment, folder: world.home.path)
        try await program.waitForOutput("\n1,xxx")
        program.interrupt()
        #expect(try await program.end().status == 130)
    }

    @Test("before an error stay printed, and the error ends arc with 1")
    func failing() async throws {
        let world = try await World.reading()
        let result = try await world.arc(
            "-c", "select 1 / (3 - n) as q from generate_series(1, 5) n", "--format", "csv")
        #expect(result.status == 1 && result.notes.contains("division by zero"))
        #expect(result.output == "" || "q\n0\n1\n".hasPrefix(result.output))
    }
}
