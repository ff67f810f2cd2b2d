/// How similar each of some things is to each other one: the half of a square above its diagonal.
struct SimilarityMatrix: Sendable {
    let count: Int
    private var values: [Float]

    /// The cosines of embeddings, -1…1.
    init(_ embeddings: [Embedding]) {
        let width = ((embeddings.lazy.map(\.values.count).max() ?? 0) + 7) / 8
        var units: [SIMD8<Double>] = []
        units.reserveCapacity(embeddings.count * width)
        for embedding in embeddings { units += Self.unit(embedding, width: width) }
        self.init(count: embeddings.count) { one, other in
            units.withUnsafeBufferPointer { units in
                var sum = SIMD8<Double>.zero
                let (mine, theirs) = (one * width, other * width)
                for place in 0..<width { sum += units[mine + place] * units[theirs + place] }
                return Float(min(1, max(-1, sum.sum())))
            }
        }
    }

    /// The similarities of texts by their trigrams, 0…1; 0 to a text without words.
    init(_ texts: [Trigrams]) {
        self.init(count: texts.count) { Float(texts[$0].similarity(to: texts[$1]) ?? 0) }
    }

    /// - Parameter similarity: of the first to the second, which comes behind it.
    init(count: Int, _ similarity: (Int, Int) -> Float) {
        self.count = count
        values = []
        values.reserveCapacity(count * max(0, count - 1) / 2)
        for one in 0..<count {
            if Task.isCancelled { break }
            for other in (one + 1)..<max(one + 1, count) { values.append(similarity(one, other)) }
        }
        // Whoever was cancelled throws the result away; it must only be whole.
        values += repeatElement(0, count: count * max(0, count - 1) / 2 - values.count)
    }

    /// A vector of that direction whose length is 1.
    private static func unit(_ embedding: Embedding, width: Int) -> [SIMD8<Double>] {
        let norm = embedding.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        var blocks = [SIMD8<Double>](repeating: .zero, count: width)
        for (index, value) in embedding.values.enumerated() {
            blocks[index / 8][index % 8] = Double(value) / norm
        }
        return blocks
    }

    private func place(_ one: Int, _ other: Int) -> Int {
        let (low, high) = one < other ? (one, other) : (other, one)
        return low * (2 * count - low - 1) / 2 + high - low - 1
    }

    /// The similarity of two; 1 of a thing to itself.
    subscript(_ one: Int, _ other: Int) -> Float {
        get { one == other ? 1 : values[place(one, other)] }
        set { if one != other { values[place(one, other)] = newValue } }
    }

    /// How far apart two are: 1 less their similarity.
    func distance(_ one: Int, _ other: Int) -> Double { 1 - Double(self[one, other]) }

    /// Of some, the one that is most similar to the others in sum; of equals the first.
    func medoid(of members: [Int]) -> Int? {
        var best: (member: Int, total: Double)?
        for member in members {
            let total = members.reduce(0) { $0 + distance(member, $1) }
            if let known = best, known.total <= total { continue }
            best = (member, total)
        }
        return best?.member
    }
}
