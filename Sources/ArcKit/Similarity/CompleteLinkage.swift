/// Groups whose members are all similar to one another: of any two members of a group the similarity is at least the
/// threshold.
///
/// Agglomerative clustering by complete linkage, found along chains of nearest neighbours in quadratic time. Source:
/// Murtagh, "A survey of recent advances in hierarchical clustering algorithms", The Computer Journal 26 (1983).
/// Nothing is random: of equals the one that comes first is taken.
enum CompleteLinkage {
    /// The group of each member, numbered from 0 in the order of their first members.
    static func groups(_ matrix: SimilarityMatrix, threshold: Double) -> [Int] {
        var similarity = matrix
        var parents = Array(0..<matrix.count)
        var isActive = [Bool](repeating: true, count: matrix.count)
        var chain: [Int] = []
        var left = matrix.count
        while left > 1, !Task.isCancelled {
            if chain.isEmpty, let first = isActive.firstIndex(of: true) { chain.append(first) }
            guard let tip = chain.last else { break }
            let before = chain.count > 1 ? chain[chain.count - 2] : nil
            guard let next = neighbour(of: tip, before, similarity, isActive) else { break }
            guard next == before else {
                chain.append(next)
                continue
            }
            // Two that are each other's nearest. The lower number stands for both from now on.
            chain.removeLast(2)
            let (kept, gone) = (min(tip, next), max(tip, next))
            let joined = similarity[kept, gone]
            isActive[gone] = false
            left -= 1
            for other in isActive.indices where isActive[other] && other != kept {
                similarity[kept, other] = min(similarity[kept, other], similarity[gone, other])
            }
            // Groups only grow less alike, so that what is joined above the threshold is all that there is.
            if Double(joined) >= Double(Float(threshold)) {
                parents[root(gone, parents)] = root(kept, parents)
            }
        }
        return numbered(parents)
    }

    /// The nearest of a group; of equals the one before it in the chain, and then the first.
    private static func neighbour(
        of tip: Int, _ before: Int?, _ similarity: SimilarityMatrix, _ isActive: [Bool]
    ) -> Int? {
        var best = before
        var highest = before.map { similarity[tip, $0] } ?? -.infinity
        for other in isActive.indices where isActive[other] && other != tip {
            let value = similarity[tip, other]
            if value > highest { (best, highest) = (other, value) }
        }
        return best
    }

    private static func root(_ member: Int, _ parents: [Int]) -> Int {
        var member = member
        while parents[member] != member { member = parents[member] }
        return member
    }

    private static func numbered(_ parents: [Int]) -> [Int] {
        var numbers: [Int: Int] = [:]
        return parents.indices.map { member in
            let root = root(member, parents)
            let number = numbers[root] ?? numbers.count
            numbers[root] = number
            return number
        }
    }
}
