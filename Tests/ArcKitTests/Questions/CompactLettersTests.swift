import SeededRandom
import Testing

@testable import ArcKit

@Suite("Groups of configurations that can't be told apart")
struct CompactLettersTests {
    @Test("overlapping groups share a member")
    func overlapping() {
        // The first and the last differ; the one between differs from neither.
        #expect(CompactLetters.letters(3, toldApart: [(0, 2)]) == [["a"], ["a", "b"], ["b"]])
        #expect(CompactLetters.letters(3, toldApart: []) == [["a"], ["a"], ["a"]])
        #expect(CompactLetters.letters(2, toldApart: [(0, 1)]) == [["a"], ["b"]])
        #expect(CompactLetters.letters(0, toldApart: []) == [])
        let all = (0..<30).flatMap { one in ((one + 1)..<30).map { (one, $0) } }
        #expect(CompactLetters.letters(30, toldApart: all).last == ["ad"])
    }

    @Test("two share a letter exactly where they can't be told apart, and no group is part of another")
    func property() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let count = Int.random(in: 1...9, using: &random)
            let density = Double.random(in: 0...1, using: &random)
            var apart: [(Int, Int)] = []
            for one in 0..<count {
                for other in (one + 1)..<max(count, one + 1)
                where Double.random(in: 0..<1, using: &random) < density {
                    apart.append((one, other))
                }
            }
            let groups = try #require(CompactLetters.groups(count, toldApart: apart)).map(Set.init)
            for one in 0..<count {
                #expect(groups.contains { $0.contains(one) })
                for other in (one + 1)..<max(count, one + 1) {
                    let isApart = apart.contains { $0 == (one, other) }
                    #expect(groups.contains { $0.isSuperset(of: [one, other]) } == !isApart)
                }
            }
            for group in groups {
                #expect(!groups.contains { $0.isStrictSuperset(of: group) })
            }
        }
    }

    @Test("differences that are too tangled to be read give no letters, and soon")
    func tangled() {
        var random = SeededGenerator(seed: 3)
        var apart: [(Int, Int)] = []
        for one in 0..<200 {
            for other in (one + 1)..<200 where Bool.random(using: &random) { apart.append((one, other)) }
        }
        #expect(CompactLetters.groups(200, toldApart: apart) == nil)
        let letters = CompactLetters.letters(200, toldApart: apart)
        #expect(letters.joined().isEmpty)
    }
}
