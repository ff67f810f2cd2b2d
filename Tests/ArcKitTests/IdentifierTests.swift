import SeededRandom
import Testing

@testable import ArcKit

@Suite("Identifiers")
struct IdentifierTests {
    @Test("RFC 9562's example of a version 7 comes out digit by digit")
    func example() {
        // Appendix A.6: Unix time 0x017F22E279B0 ms, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F.
        let nanoseconds = (0xCC3 * 1_000_000 + 4095) / 4096
        let id = Identifier.make(
            seconds: 1_645_557_742, nanoseconds: nanoseconds, random: 0x18C4_DC0C_0C07_398F)
        #expect(id == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test("version and variant are right whatever the time and the random bits")
    func fields() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<1000 {
            let id = Array(
                Identifier.make(
                    seconds: .random(in: 0...200_000_000_000, using: &random),
                    nanoseconds: .random(in: 0..<1_000_000_000, using: &random), random: random.next()))
            #expect(id.count == 36)
            #expect(id[14] == "7")
            #expect("89ab".contains(id[19]))
            #expect(Identifier.isUUID(String(id)))
        }
        #expect(
            Identifier.make(seconds: 0, nanoseconds: 0, random: 0) == "00000000-0000-7000-8000-000000000000")
        #expect(
            Identifier.make(seconds: 0, nanoseconds: 999_999, random: .max).hasPrefix(
                "00000000-0000-7fff-bfff-"))
    }

    @Test("ids 250 ns apart sort by their time, across milliseconds and seconds")
    func order() {
        var random = SeededGenerator(seed: 2)
        var last = ""
        for step in 0..<20_000 {
            let nanoseconds = 999_000_000 + step * 250
            let id = Identifier.make(
                seconds: 1_700_000_000 + nanoseconds / 1_000_000_000,
                nanoseconds: nanoseconds % 1_000_000_000,
                random: random.next())
            #expect(id > last)
            last = id
        }
    }

    @Test("ids are made with the time of now, and never twice")
    func unique() {
        let ids = (0..<10_000).map { _ in Identifier.make() }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy(Identifier.isUUID))
        let times = ids.map { $0.prefix(15) }
        #expect(times == times.sorted())
    }

    @Test(
        "what isn't a UUID isn't taken for one",
        arguments: [
            "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        ])
    func others(text: String) {
        #expect(!Identifier.isUUID(text))
    }
}
