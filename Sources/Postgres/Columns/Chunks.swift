internal import Glibc

/// Memory in pieces: what grows by a piece never has to be copied, and never holds twice what it needs.
enum Piece {
    /// The bytes of a piece. Only the first of several grows to this by doubling.
    static let size = 1 << 18
    static let shift = 18
    static let mask = size - 1
    static let smallest = 1 << 9
}

/// Fills pieces from the front. Elements whose width is a power of two never lie across two pieces.
struct ChunkWriter: ~Copyable {
    private var full: [UnsafeMutableRawPointer] = []
    private var start: UnsafeMutableRawPointer?
    private var next: UnsafeMutableRawPointer?
    private var end: UnsafeMutableRawPointer?

    init() {}

    deinit {
        for piece in full { free(piece) }
        free(start)
    }

    /// The number of bytes that were written.
    var byteCount: Int { full.count << Piece.shift + currentCount }

    private var currentCount: Int {
        guard let start, let next else { return 0 }
        return next - start
    }

    /// The place of the next element, to be written at once.
    @inline(__always)
    mutating func place(width: Int) -> UnsafeMutableRawPointer {
        if next == end { grow() }
        let place = next.unsafelyUnwrapped
        next = place + width
        return place
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard var source = bytes.baseAddress else { return }
        var rest = bytes.count
        while rest > 0 {
            if next == end { grow() }
            let place = next.unsafelyUnwrapped
            let count = min(rest, end.unsafelyUnwrapped - place)
            place.copyMemory(from: source, byteCount: count)
            next = place + count
            source += count
            rest -= count
        }
    }

    @inline(never)
    private mutating func grow() {
        let used = currentCount
        if used == Piece.size {
            if let start { full.append(start) }
            start = nil
        }
        let isFirst = full.isEmpty
        let size = isFirst ? max(Piece.smallest, min(2 * used, Piece.size)) : Piece.size
        guard let memory = realloc(start, size) else { fatalError("out of memory") }
        start = memory
        next = memory + (isFirst ? used : 0)
        end = memory + size
    }

    /// What was written, from now on unchangeable; the writer is empty again.
    mutating func finish() -> Chunks {
        let count = currentCount
        var pieces = full
        if let start {
            if count == 0 { free(start) } else { pieces.append(realloc(start, count) ?? start) }
        }
        let byteCount = full.count << Piece.shift + count
        full = []
        (start, next, end) = (nil, nil, nil)
        return Chunks(pieces, byteCount: byteCount)
    }
}

/// What a `ChunkWriter` wrote. Nothing changes it, so any thread may read it.
final class Chunks: Sendable {
    private nonisolated(unsafe) let pieces: [UnsafeMutableRawPointer]
    /// The number of bytes in it, which is what it holds.
    let byteCount: Int

    fileprivate init(_ pieces: [UnsafeMutableRawPointer], byteCount: Int) {
        self.pieces = pieces
        self.byteCount = byteCount
    }

    deinit { for piece in pieces { free(piece) } }

    /// The element of that number, where all have the width of `T`.
    @inline(__always)
    func load<T: BitwiseCopyable>(_ index: Int, as type: T.Type) -> T {
        let offset = index * MemoryLayout<T>.stride
        return pieces[offset >> Piece.shift].load(fromByteOffset: offset & Piece.mask, as: type)
    }

    /// Calls `body` with each stretch of a range of bytes that lies in one piece.
    func forEachStretch(from start: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        var (offset, rest) = (start, count)
        while rest > 0 {
            let inside = offset & Piece.mask
            let size = min(rest, Piece.size - inside)
            body(UnsafeRawBufferPointer(start: pieces[offset >> Piece.shift] + inside, count: size))
            offset += size
            rest -= size
        }
    }

    /// Calls `body` with a range of bytes, which is copied where it lies across pieces.
    func withBytes<R>(from start: Int, count: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
    {
        guard count > 0 else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let inside = start & Piece.mask
        if inside + count <= Piece.size {
            return try body(
                UnsafeRawBufferPointer(start: pieces[start >> Piece.shift] + inside, count: count))
        }
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        forEachStretch(from: start, count: count) { copy.append(contentsOf: $0) }
        return try copy.withUnsafeBytes(body)
    }
}
