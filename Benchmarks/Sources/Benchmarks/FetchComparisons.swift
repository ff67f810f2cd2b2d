import ArcHost
import Glibc
import Measuring
import PlainPostgres
import Postgres

/// A large result into a frame, against a C program that reads it in libpq's single-row mode.
enum FetchComparisons {
    static let all = [
        Benchmark("fetch, 1,000,000 rows × 8", fetch),
        Benchmark("fetch, 1,000,000 rows × 8, processor", processor),
    ]

    private static let rows = 1_000_000
    private static let table = """
        create table fetched as select n, case when n % 10 > 0 then n::int4 end as i, n * 0.5::float8 as half, \
        case when n % 3 > 0 then sqrt(n) end as root, n % 2 = 0 as even, 'scen-' || lpad(n::text, 7, '0') as name, \
        timestamptz '2026-01-01Z' + n * interval '1 s' as at, md5(n::text)::uuid as id \
        from generate_series(1, \(rows)::int8) as n
        """
    private static let sql = "select n, i, half, root, even, name, at, id from fetched"
    private static let sum = Double(rows) * Double(rows + 1) / 2 * 1.5

    /// By the clock: the server has its share in both.
    @Sendable private static func fetch(_ server: Server) async throws -> Contest {
        let (options, connection) = try await prepare(server)
        return Contest(
            unit: "row", units: rows, repeats: 1,
            baseline: .init(name: "libpq, rows into C arrays") { try plain(options) },
            subject: .init(name: "frame of columns") { try await frame(connection) }, mostRounds: 5,
            notes: try await memory(options, connection))
    }

    /// By the processor time of the client alone, which nothing else on the machine changes much.
    @Sendable private static func processor(_ server: Server) async throws -> Contest {
        let (options, connection) = try await prepare(server)
        return Contest(
            unit: "row", units: rows, repeats: 1,
            baseline: .measured("libpq, rows into C arrays") {
                try await processorTime { try plain(options) }
            },
            subject: .measured("frame of columns") {
                try await processorTime { try await frame(connection) }
            },
            mostRounds: 5)
    }

    private static func prepare(_ server: Server) async throws -> (ConnectionOptions, Connection) {
        let options = try await server.options()
        let connection = try await Connection.connect(options)
        if try await connection.query("select to_regclass('fetched')::text")[0, 0] == .null {
            try await connection.script(table)
            try await connection.script("analyze fetched")
        }
        return (options, connection)
    }

    @discardableResult
    private static func plain(_ options: ConnectionOptions) throws -> plain_fetch {
        var answer = plain_fetch()
        guard plain_fetch_rows(options.url, sql, &answer) == 1, answer.rows == rows, answer.sum == sum else {
            throw WrongResult("libpq says \(answer)")
        }
        return answer
    }

    @discardableResult
    private static func frame(_ connection: Connection) async throws -> Frame {
        let columns = try await connection.columns(sql)
        let last = rows - 1
        guard columns.count == rows, case .int = columns[last, 0], case .uuid = columns[last, 7] else {
            throw WrongResult("the frame has \(columns.count) rows")
        }
        return Frame(columns)
    }

    /// The processor time of the whole process, by the row. Nothing else runs in it meanwhile.
    private static func processorTime(_ work: () async throws -> Void) async throws -> Double {
        let start = PoolComparisons.processorNanoseconds()
        try await work()
        return Double(PoolComparisons.processorNanoseconds() - start) / Double(rows)
    }

    // MARK: - Memory

    private static func memory(_ options: ConnectionOptions, _ connection: Connection) async throws
        -> [String]
    {
        let bytes = Double(try plain(options).bytes)
        resetPeak()
        let before = kilobytes("VmRSS")
        let frame = try await frame(connection)
        let growth = Double((kilobytes("VmHWM") - before) * 1024)
        let held = Double(frame.heldBytes)
        func times(_ size: Double) -> String { "\((size / bytes * 100).rounded() / 100)" }
        return [
            "the frame holds \(times(held)) times the values' \(Int(bytes / 1e6)) MB; while it came, the process grew by at most \(times(growth)) times"
        ]
    }

    /// Has Linux forget the most memory that the process ever had.
    private static func resetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    private static func kilobytes(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("\(name):") {
                return text.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0
            }
        }
        return 0
    }
}
