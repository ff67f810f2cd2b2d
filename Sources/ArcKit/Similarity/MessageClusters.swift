/// Messages that say the same in slightly different words, such as errors that differ in a number or a path.
///
/// The most frequent message leads a cluster; every other joins the leader that it resembles most by its trigrams, if
/// it resembles one enough, and leads a cluster of its own if not. The same messages give the same clusters, in whatever
/// order they come.
public struct MessageClusters: Sendable {
    /// One cluster.
    public struct Cluster: Sendable, Equatable {
        /// The most frequent of its messages; of several, the first by its bytes.
        public let representative: String
        /// The places, in what was given, of its messages, in ascending order.
        public let members: [Int]
        /// How many different messages it has.
        public let variants: Int
    }

    /// The clusters, the largest first; of equals, the one first whose representative is first by its bytes.
    public let clusters: [Cluster]

    /// How much of a message is compared, in characters: what is told apart stands at its beginning.
    private static let compared = 1000

    /// Clusters of these messages.
    ///
    /// - Parameter threshold: how similar a message is to its representative at least, 0…1 (`Trigrams.similarity`).
    public init(_ messages: [String], threshold: Double = 0.6) {
        var places: [String: [Int]] = [:]
        for (place, message) in messages.enumerated() { places[message, default: []].append(place) }
        let distinct = places.sorted {
            $0.value.count != $1.value.count
                ? $0.value.count > $1.value.count : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }
        var leaders = Leaders()
        var groups: [(representative: String, members: [Int], variants: Int)] = []
        // Whoever is cancelled throws the clusters away.
        for (message, members) in distinct where !Task.isCancelled {
            let trigrams = Trigrams(String(message.prefix(Self.compared)))
            if let leader = leaders.nearest(to: trigrams, threshold: threshold) {
                groups[leader].members += members
                groups[leader].variants += 1
            } else {
                leaders.add(trigrams)
                groups.append((message, members, 1))
            }
        }
        clusters = groups.map {
            Cluster(representative: $0.representative, members: $0.members.sorted(), variants: $0.variants)
        }.sorted {
            $0.members.count != $1.members.count
                ? $0.members.count > $1.members.count
                : $0.representative.utf8.lexicographicallyPrecedes($1.representative.utf8)
        }
    }

    /// The leaders by their trigrams: only those that share one with a message are compared with it.
    private struct Leaders {
        private var sizes: [Int] = []
        private var byTrigram: [UInt64: [Int32]] = [:]
        private var shared: [Int] = []

        mutating func add(_ trigrams: Trigrams) {
            for code in trigrams.codes { byTrigram[code, default: []].append(Int32(sizes.count)) }
            sizes.append(trigrams.codes.count)
            shared.append(0)
        }

        /// The leader that is most similar; of equals the one that was added first.
        mutating func nearest(to trigrams: Trigrams, threshold: Double) -> Int? {
            var touched: [Int] = []
            for code in trigrams.codes {
                for leader in byTrigram[code] ?? [] {
                    let leader = Int(leader)
                    if shared[leader] == 0 { touched.append(leader) }
                    shared[leader] += 1
                }
            }
            var best: (leader: Int, similarity: Double)?
            for leader in touched {
                let similarity = Trigrams.ratio(shared[leader], trigrams.codes.count, sizes[leader])
                shared[leader] = 0
                guard similarity >= threshold else { continue }
                if let known = best,
                    (known.similarity, leader) > (similarity, known.leader)
                {
                    continue
                }
                best = (leader, similarity)
            }
            return best?.leader
        }
    }
}
