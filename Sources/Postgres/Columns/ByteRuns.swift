/// Writes byte strings of any length one behind the other.
///
/// Each costs four bytes for its length, and every sixteenth eight for where it begins.
struct ByteRunWriter: ~Copyable {
    private var bytes = ChunkWriter()
    private var lengths = ChunkWriter()
    private var starts = ChunkWriter()
    private var count = 0
    private var end = 0

    init() {}

    var byteCount: Int { bytes.byteCount + lengths.byteCount + starts.byteCount }

    mutating func append(_ run: UnsafeRawBufferPointer) {
        if count & (ByteRuns.group - 1) == 0 {
            starts.place(width: 8).storeBytes(of: end, as: Int.self)
        }
        // The server's values are at most a gigabyte.
        lengths.place(width: 4).storeBytes(of: UInt32(run.count), as: UInt32.self)
        bytes.append(run)
        count += 1
        end += run.count
    }

    mutating func finish() -> ByteRuns {
        (count, end) = (0, 0)
        return ByteRuns(bytes: bytes.finish(), lengths: lengths.finish(), starts: starts.finish())
    }
}

/// Byte strings of any length one behind the other.
struct ByteRuns: Sendable {
    /// How many share a stored beginning; a power of two.
    fileprivate static let group = 16

    private let bytes: Chunks
    private let lengths: Chunks
    private let starts: Chunks

    fileprivate init(bytes: Chunks, lengths: Chunks, starts: Chunks) {
        self.bytes = bytes
        self.lengths = lengths
        self.starts = starts
    }

    var byteCount: Int { bytes.byteCount + lengths.byteCount + starts.byteCount }

    /// Calls `body` with each of them, in order.
    func forEach(_ body: (Int, UnsafeRawBufferPointer) throws -> Void) rethrows {
        var start = 0
        for index in 0..<lengths.byteCount / 4 {
            let length = Int(lengths.load(index, as: UInt32.self))
            try bytes.withBytes(from: start, count: length) { try body(index, $0) }
            start += length
        }
    }

    func withBytes<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        var start = starts.load(index / Self.group, as: Int.self)
        for before in (index & ~(Self.group - 1))..<index {
            start += Int(lengths.load(before, as: UInt32.self))
        }
        return try bytes.withBytes(from: start, count: Int(lengths.load(index, as: UInt32.self)), body)
    }
}
