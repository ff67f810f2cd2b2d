import FaultProxy
import Glibc
import Postgres
import SeededRandom

/// One thing that goes wrong during a soak.
enum Mischief: Sendable, Equatable {
    /// The next commit's answer doesn't come back: only the server knows whether it took place.
    case commitUnanswered
    /// The next commit doesn't reach the server.
    case commitUnheard
    /// The next COPY is cut within its data.
    case copyCut(bytes: Int)
    /// Every connection is cut.
    case allCut
    /// Nothing passes for a while, in milliseconds.
    case stall(milliseconds: Int)
    /// Some of the server's sessions are terminated: every so many-th.
    case terminated(every: Int)
    /// So many in a hundred new connections are refused, and as many cut, for a while.
    case unreliable(percent: Int, seed: UInt64)
    /// The server is killed, is away for a while, in milliseconds, and comes back.
    case restart(milliseconds: Int)

    /// What comes next, and after how many milliseconds.
    static func next(_ random: inout SeededGenerator) -> (pause: Int, Mischief) {
        let pause = Int.random(in: 500...5000, using: &random)
        let mischief: Mischief =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<22: .commitUnanswered
            case 22..<34: .commitUnheard
            case 34..<50: .copyCut(bytes: Int.random(in: 1...100_000, using: &random))
            case 50..<60: .allCut
            case 60..<70: .stall(milliseconds: Int.random(in: 10...2000, using: &random))
            case 70..<82: .terminated(every: Int.random(in: 1...4, using: &random))
            case 82..<96: .unreliable(percent: 10, seed: random.next())
            default: .restart(milliseconds: Int.random(in: 0...3000, using: &random))
            }
        return (pause, mischief)
    }

    /// Its kind, for the count of what happened.
    var name: String { "\(self)".prefix { $0 != "(" }.description }

    /// Each ends what the one before left in wait.
    func happen(_ server: FaultServer, _ proxy: FaultProxy) async throws {
        proxy.plan = FaultPlan()
        switch self {
        case .commitUnanswered: proxy.arm(.cut(.beforeAnswer("COMMIT")))
        case .commitUnheard: proxy.arm(.cut(.beforeCommand("COMMIT")))
        case .copyCut(let bytes): proxy.arm(.cut(.inCopy(bytes: bytes)))
        case .allCut: proxy.cutAll()
        case .stall(let milliseconds):
            proxy.stall()
            try await Task.sleep(for: .milliseconds(milliseconds))
            proxy.resume()
        case .terminated(let every):
            let direct = try await Connection.connect(server.options)
            try await direct.query(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where backend_type = 'client backend' and pid <> pg_backend_pid() and pid % $1 = 0
                """, [.int(Int64(every))])
            await direct.close()
        case .unreliable(let percent, let seed):
            let share = Double(percent) / 100
            (proxy.plan.seed, proxy.plan.refusedShare, proxy.plan.cutShare) = (seed, share, share)
        case .restart(let milliseconds):
            try await server.down()
            try await Task.sleep(for: .milliseconds(milliseconds))
            try await server.up()
        }
    }
}
