/// Messages that say the same in slightly different words, such as errors that differ in a number or a name.
///
/// Messages of one template (`MessageTemplate`) belong together. The most frequent template leads a cluster; every other
/// joins the leader that it resembles most by its trigrams, if it resembles one enough, and leads a cluster of its own if
/// not. The same messages give the same clusters, in whatever order they come.
public struct MessageClusters: Sendable {
    /// One cluster.
    public struct Cluster: Sendable, Equatable {
        /// The most frequent message of the template that leads it; of several, the first by its bytes.
        public let representative: String
        /// The places, in what was given, of its messages, in ascending order.
        public let members: [Int]
        /// How many different messages it has.
        public let variants: Int
    }

    /// The clusters, the largest first; of equals, the one first whose representative is first by its bytes.
    public let clusters: [Cluster]

    /// How similar a template is at least to that of the cluster it joins (`Trigrams.similarity`), unless said.
    public static let threshold = 0.6

    /// How much of a template is compared, in characters: what is told apart stands at its beginning.
    private static let compared = 1000
    /// How many leaders others may join: every further template leads a cluster that nothing joins.
    private static let mostLeaders = 1000

    /// Clusters of these messages.
    ///
    /// - Parameter threshold: how similar a template is to its leader's at least, 0…1 (`Trigrams.similarity`).
    public init(_ messages: [String], threshold: Double = Self.threshold) {
        var places: [String: [Int]] = [:]
        for (place, message) in messages.enumerated() { places[message, default: []].append(place) }
        var templates: [String: [(message: String, places: [Int])]] = [:]
        for (message, places) in places {
            templates[MessageTemplate.of(message) ?? message, default: []].append((message, places))
        }
        let texts = templates.map { (text: $0.key, count: $0.value.reduce(0) { $0 + $1.places.count }) }
        let groups = Self.groups(of: texts, threshold: threshold).map { group in
            let parts = group.map { templates[texts[$0].text] ?? [] }
            let leading = parts[0].min {
                Self.precedes(($0.message, $0.places.count), ($1.message, $1.places.count))
            }
            let variants = parts.flatMap(\.self)
            return Cluster(
                representative: leading?.message ?? "", members: variants.flatMap(\.places).sorted(),
                variants: variants.count)
        }
        clusters = groups.sorted {
            Self.precedes(($0.representative, $0.members.count), ($1.representative, $1.members.count))
        }
    }

    /// Which of these templates belong together: the places of each group's, the leader's first.
    ///
    /// - Parameter texts: different templates, each with how often it occurred.
    static func groups(
        of texts: [(text: String, count: Int)], threshold: Double = Self.threshold
    ) -> [[Int]] {
        let order = texts.indices.sorted { precedes(texts[$0], texts[$1]) }
        var leaders = Leaders()
        var groups: [[Int]] = []
        // Whoever is cancelled throws the clusters away.
        for place in order where !Task.isCancelled {
            let trigrams = Trigrams(String(texts[place].text.prefix(compared)))
            if let leader = leaders.nearest(to: trigrams, threshold: threshold) {
                groups[leader].append(place)
            } else {
                // Groups and leaders have the same places: both are added in one order.
                if groups.count < mostLeaders { leaders.add(trigrams) }
                groups.append([place])
            }
        }
        return groups
    }

    /// The more frequent first; of equals, the first by its bytes.
    private static func precedes(_ one: (text: String, count: Int), _ other: (text: String, count: Int))
        -> Bool
    {
        one.count != other.count
            ? one.count > other.count : one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
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
