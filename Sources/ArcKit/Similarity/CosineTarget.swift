import Postgres

/// What many embeddings are compared with.
///
/// The sums are made of 64-bit numbers in the order of the components, so that the same embeddings give the same
/// digits on every server, however it keeps them.
struct CosineTarget: Sendable {
    private let values: [Double]
    private let norm: Double

    init(_ embedding: Embedding) {
        values = embedding.values.map { Double($0) }
        norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// The cosine of the angle to the vector of these components, -1…1; nil where that has no direction, or a component
    /// that isn't a finite number.
    @inline(__always)
    func similarity(count: Int, _ component: (Int) -> Float) -> Double? {
        var dot = 0.0
        var squares = 0.0
        values.withUnsafeBufferPointer { values in
            let shared = min(count, values.count)
            for index in 0..<shared {
                let value = Double(component(index))
                dot += value * values[index]
                squares += value * value
            }
            for index in shared..<max(shared, count) {
                let value = Double(component(index))
                squares += value * value
            }
        }
        guard squares > 0, squares.isFinite, norm > 0 else { return nil }
        return min(1, max(-1, dot / (norm * squares.squareRoot())))
    }

    /// The cosine of the angle to a vector as the server sends it.
    func similarity(to row: borrowing StreamedRow, column: Int) -> Double? {
        guard row.columns[column].isBinary else {
            guard let stored = StoredEmbedding.values(row[column]) else { return nil }
            return similarity(count: stored.count) { stored[$0] }
        }
        let isArray = row.columns[column].type == StoredEmbedding.array
        return row.withBytes(column) { bytes in
            guard let bytes, let layout = StoredEmbedding.Layout(bytes, isArray: isArray) else { return nil }
            return similarity(count: layout.count) { layout[$0] }
        }
    }
}

/// Embeddings as the server sends them: a `real[]`, or pgvector's `vector`.
enum StoredEmbedding {
    /// real[]
    static let array = OID(rawValue: 1021)

    /// The numbers of a value that was decoded.
    static func values(_ value: Value) -> [Float]? {
        switch value {
        case .vector(let values): values
        case .array(let array): [Float](value: .array(array))
        default: nil
        }
    }

    /// Where the numbers are in the binary forms: big-endian, each after its length (4) in an array.
    struct Layout {
        private let bytes: UnsafeRawBufferPointer
        private let start: Int
        private let stride: Int
        let count: Int

        /// Nil for what is no array of one dimension without NULLs, and no vector.
        init?(_ bytes: UnsafeRawBufferPointer, isArray: Bool) {
            self.bytes = bytes
            guard isArray else {
                guard bytes.count >= 4 else { return nil }
                count = Int(UInt16(bigEndian: bytes.loadUnaligned(as: UInt16.self)))
                (start, stride) = (4, 4)
                guard bytes.count == start + count * stride else { return nil }
                return
            }
            guard bytes.count >= 20 else { return nil }
            count = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
            (start, stride) = (24, 8)
            // An array with a NULL is shorter.
            guard bytes.count == 20 + count * stride else { return nil }
        }

        @inline(__always)
        subscript(_ index: Int) -> Float {
            let bits = bytes.loadUnaligned(fromByteOffset: start + index * stride, as: UInt32.self)
            return Float(bitPattern: UInt32(bigEndian: bits))
        }
    }
}
