/// Groups by k-medoids: of all sets of k members that are tried, the one to whose nearest member everything is
/// nearest in sum.
///
/// Source: Kaufman & Rousseeuw, "Clustering by means of medoids" (1987): PAM, whose first phase adds the member that
/// helps most, k times; the exchanges are made as soon as they help (Schubert & Rousseeuw, "Fast and eager k-medoids
/// clustering", Information Systems 101, 2021). Nothing is random: members are taken in their order.
struct Medoids {
    private let matrix: SimilarityMatrix
    private(set) var medoids: [Int] = []
    /// For each member its nearest medoid, as a place in `medoids`, and the distances to it and to the next one.
    private var nearest: [(medoid: Int, distance: Double, second: Double)]

    /// What counts as an improvement, so that rounding doesn't exchange for ever.
    private static let least = 1e-9

    /// - Parameter count: how many groups, 1…the number of members.
    init(_ matrix: SimilarityMatrix, count: Int) {
        self.matrix = matrix
        nearest = Array(repeating: (0, .infinity, .infinity), count: matrix.count)
        for _ in 0..<min(count, matrix.count) { addBest() }
        if medoids.count > 1 { exchange() }
    }

    /// The group of each member, as a place in `medoids`.
    var groups: [Int] { nearest.map(\.medoid) }

    private mutating func addBest() {
        var best: (member: Int, gain: Double)?
        for candidate in 0..<matrix.count where !medoids.contains(candidate) {
            if Task.isCancelled { break }
            var gain = 0.0
            for member in 0..<matrix.count {
                let distance = matrix.distance(member, candidate)
                // Before there is any, what helps most is what is nearest to all.
                gain += medoids.isEmpty ? -distance : max(0, nearest[member].distance - distance)
            }
            if let known = best, known.gain >= gain { continue }
            best = (candidate, gain)
        }
        guard let best else { return }
        medoids.append(best.member)
        assign()
    }

    private mutating func assign() {
        for member in 0..<matrix.count {
            var found = (medoid: 0, distance: Double.infinity, second: Double.infinity)
            for (place, medoid) in medoids.enumerated() {
                // A medoid is its own, even where another is the same as it.
                let distance = member == medoid ? -1 : matrix.distance(member, medoid)
                if distance < found.distance {
                    found = (place, distance, found.distance)
                } else if distance < found.second {
                    found.second = distance
                }
            }
            found.distance = max(0, found.distance)
            nearest[member] = found
        }
    }

    private mutating func exchange() {
        var unchanged = 0
        var candidate = 0
        // Every exchange makes the sum smaller, so that this ends; the bound is for what rounding might do.
        var left = 200 * matrix.count
        while unchanged < matrix.count, left > 0, !Task.isCancelled {
            if medoids.contains(candidate) || !exchange(for: candidate) {
                unchanged += 1
            } else {
                unchanged = 0
            }
            candidate = (candidate + 1) % matrix.count
            left -= 1
        }
    }

    /// Puts the candidate in the place of the medoid where that helps most; whether it helps.
    private mutating func exchange(for candidate: Int) -> Bool {
        // What it costs to take each medoid away, and what the candidate saves whichever goes.
        var losses = [Double](repeating: 0, count: medoids.count)
        var saved = 0.0
        for member in 0..<matrix.count {
            let distance = matrix.distance(member, candidate)
            let known = nearest[member]
            if distance < known.distance {
                saved += known.distance - distance
            } else {
                losses[known.medoid] += min(distance, known.second) - known.distance
            }
        }
        guard let place = losses.indices.min(by: { losses[$0] < losses[$1] }),
            losses[place] - saved < -Self.least
        else { return false }
        medoids[place] = candidate
        assign()
        return true
    }
}
