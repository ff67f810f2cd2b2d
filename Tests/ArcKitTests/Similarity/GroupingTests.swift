import SeededRandom
import Testing

@testable import ArcKit

@Suite("Groups of what is similar")
struct GroupingTests {
    /// Points on a circle, in bunches; some are equal.
    private static func points(_ count: Int, _ random: inout SeededGenerator) throws -> SimilarityMatrix {
        let bunches = Int.random(in: 1...5, using: &random)
        return SimilarityMatrix(
            try (0..<count).map { _ in
                let bunch = Int.random(in: 0..<bunches, using: &random)
                let spread = Double(Int.random(in: 0...4, using: &random)) * 0.01
                let angle = Double(bunch) + spread
                return try Embedding([angle * angle - 1, angle + 0.5, 1], place: "")
            })
    }

    @Test("a matrix has every pair once, and the same both ways")
    func matrix() throws {
        var random = SeededGenerator(seed: 1)
        let embeddings = try (0..<9).map { _ in try Embedding.random(13, &random) }
        let matrix = SimilarityMatrix(embeddings)
        for one in 0..<9 {
            for other in 0..<9 {
                let expected = one == other ? 1 : embeddings[one].similarity(to: embeddings[other])
                #expect(abs(Double(matrix[one, other]) - expected) < 1e-6)
                #expect(matrix[one, other] == matrix[other, one])
            }
        }
        #expect(SimilarityMatrix([Embedding]()).count == 0)
    }

    @Test("complete linkage gives what joining the two nearest groups again and again gives")
    func completeLinkage() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            let count = Int.random(in: 1...14, using: &random)
            // Without equals, of which either may be joined first.
            let embeddings = try (0..<count).map { _ in try Embedding.random(3, &random) }
            let matrix = SimilarityMatrix(embeddings)
            let threshold = Double.random(in: -1...1, using: &random)
            #expect(CompleteLinkage.groups(matrix, threshold: threshold) == Self.joined(matrix, threshold))
        }
    }

    /// The definition, at cubic cost.
    private static func joined(_ matrix: SimilarityMatrix, _ threshold: Double) -> [Int] {
        var groups = (0..<matrix.count).map { [$0] }
        func similarity(_ one: [Int], _ other: [Int]) -> Float {
            one.flatMap { mine in other.map { matrix[mine, $0] } }.min() ?? 1
        }
        while groups.count > 1 {
            var best: (one: Int, other: Int, similarity: Float)?
            for one in groups.indices {
                for other in groups.indices where one < other {
                    let value = similarity(groups[one], groups[other])
                    if value > best?.similarity ?? -.infinity { best = (one, other, value) }
                }
            }
            guard let best, best.similarity >= Float(threshold) else { break }
            groups[best.one] += groups.remove(at: best.other)
        }
        let ordered = groups.map { $0.sorted() }.sorted { $0[0] < $1[0] }
        return (0..<matrix.count).map { member in ordered.firstIndex { $0.contains(member) } ?? -1 }
    }

    @Test("within a group all are similar enough, and no two groups could be joined, equals or not")
    func groupsAreWhole() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            let matrix = try Self.points(Int.random(in: 1...40, using: &random), &random)
            let threshold = Double.random(in: 0.9...1, using: &random)
            let groups = CompleteLinkage.groups(matrix, threshold: threshold)
            let members = Dictionary(grouping: groups.indices) { groups[$0] }
            for (number, group) in members {
                for one in group {
                    for other in group { #expect(matrix[one, other] >= Float(threshold)) }
                }
                for (another, others) in members where another != number {
                    let least = group.flatMap { mine in others.map { matrix[mine, $0] } }.min() ?? 1
                    #expect(least < Float(threshold))
                }
            }
        }
    }

    @Test("no exchange of a medoid makes the sum of distances smaller, and every medoid is in its own group")
    func medoids() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<60 {
            let count = Int.random(in: 1...25, using: &random)
            let matrix = try Self.points(count, &random)
            let wanted = Int.random(in: 1...count, using: &random)
            let found = Medoids(matrix, count: wanted)
            #expect(found.medoids.count == wanted && Set(found.medoids).count == wanted)
            for (place, medoid) in found.medoids.enumerated() { #expect(found.groups[medoid] == place) }
            let total = Self.total(matrix, found.medoids)
            for place in found.medoids.indices {
                for candidate in 0..<count where !found.medoids.contains(candidate) {
                    var others = found.medoids
                    others[place] = candidate
                    #expect(Self.total(matrix, others) >= total - 1e-6)
                }
            }
            let again = Medoids(matrix, count: wanted)
            #expect(again.medoids == found.medoids && again.groups == found.groups)
        }
    }

    private static func total(_ matrix: SimilarityMatrix, _ medoids: [Int]) -> Double {
        (0..<matrix.count).reduce(0) { sum, member in
            sum + (medoids.map { matrix.distance(member, $0) }.min() ?? 0)
        }
    }

    @Test("a single thing is a group, and nothing is none")
    func degenerate() throws {
        let one = SimilarityMatrix([try Embedding([1], place: "")])
        #expect(CompleteLinkage.groups(one, threshold: 0.5) == [0])
        #expect(Medoids(one, count: 1).groups == [0])
        let nothing = SimilarityMatrix([Embedding]())
        #expect(CompleteLinkage.groups(nothing, threshold: 0.5) == [])
        #expect(Medoids(nothing, count: 1).groups == [])
        // All the same: every medoid keeps its own group.
        let same = SimilarityMatrix(count: 4) { _, _ in 1 }
        #expect(CompleteLinkage.groups(same, threshold: 1) == [0, 0, 0, 0])
        #expect(Set(Medoids(same, count: 3).groups).count == 3)
    }
}
