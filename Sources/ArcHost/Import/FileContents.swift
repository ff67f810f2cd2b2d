import ArcKit
import FoundationEssentials
import Glibc

/// A file's bytes, mapped into memory rather than read: what was passed can be given back, so that a long file needs
/// no more memory than a short one.
final class FileContents: Sendable {
    /// Where they are mapped; nil where they aren't.
    private let start: UInt?
    /// The bytes.
    let data: Data
    /// How many bytes are looked at between two times that pages are given back; a whole number of pages.
    private static let stretch = 8 << 20

    /// The contents of a file; nil where it can't be read.
    init?(path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        let size = Int(status.st_size)
        if status.st_mode & S_IFMT == S_IFREG, size > 0,
            let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), memory != MAP_FAILED
        {
            start = UInt(bitPattern: memory)
            data = Data(bytesNoCopy: memory, count: size, deallocator: .custom { munmap($0, $1) })
        } else {
            // A pipe, say.
            guard let read = try? Data(contentsOf: URL(filePath: path)) else { return nil }
            start = nil
            data = read
        }
    }

    /// Bytes that are in memory anyway.
    init(_ data: Data) {
        start = nil
        self.data = data
    }

    /// Gives back the memory of what lies before; it is read from the file again where somebody looks.
    ///
    /// - Returns: from where on nothing was given back.
    func release(from: Int, to end: Int) -> Int {
        guard let start, let memory = UnsafeMutableRawPointer(bitPattern: start),
            end - from >= Self.stretch
        else { return from }
        let count = (end - from) / Self.stretch * Self.stretch
        madvise(memory + from, count, MADV_DONTNEED)
        return from + count
    }

    /// The digest of all bytes.
    func sha256() -> String {
        var digest = Digest.Stream()
        var place = 0
        data.withUnsafeBytes { bytes in
            while place < bytes.count {
                let end = min(place + Self.stretch, bytes.count)
                digest.add(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
                _ = release(from: place, to: end)
                place = end
            }
        }
        return digest.finish()
    }
}
