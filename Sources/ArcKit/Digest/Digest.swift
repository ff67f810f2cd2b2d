import CDigest

/// SHA-256 digests (FIPS 180-4), as lower-case hexadecimal of 64 digits.
///
/// Where libcrypto can't compute SHA-256 at all (no memory, or a broken installation), the process ends with a
/// message, as it does when Swift itself finds no memory.
public enum Digest {
    /// The digest of bytes.
    public static func sha256(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { sha256($0) }
    }

    /// The digest of a text's UTF-8 bytes.
    public static func sha256(_ text: String) -> String {
        var text = text
        return text.withUTF8 { sha256(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of memory that the caller holds.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        hexadecimal { arc_sha256(bytes.baseAddress, bytes.count, $0) }
    }

    static func hexadecimal(_ write: (UnsafeMutablePointer<UInt8>?) -> Int32) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(ARC_SHA256_LENGTH)) { digest in
            require(write(digest.baseAddress) == 1)
            return hex(digest)
        }
    }

    /// Bytes as lower-case hexadecimal digits, two for each.
    static func hex(_ bytes: some RandomAccessCollection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digits[Int(byte >> 4)]
                text[2 * index + 1] = digits[Int(byte & 15)]
            }
            return 2 * bytes.count
        }
    }

    static func require(_ succeeded: Bool) {
        precondition(
            succeeded, "libcrypto can't compute SHA-256: no memory, or a broken installation of OpenSSL")
    }
}

extension Digest {
    /// A SHA-256 digest of bytes that come in pieces, such as a file that is read in blocks.
    public struct Stream: ~Copyable {
        private let stream: OpaquePointer?

        /// Starts with no bytes.
        public init() {
            stream = arc_sha256_start()
            Digest.require(stream != nil)
        }

        deinit { arc_sha256_free(stream) }

        /// Adds the next piece.
        public mutating func add(_ bytes: UnsafeRawBufferPointer) {
            Digest.require(arc_sha256_add(stream, bytes.baseAddress, bytes.count) == 1)
        }

        /// Adds the next piece.
        public mutating func add(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { add($0) }
        }

        /// The digest of all pieces. The stream ends here.
        public consuming func finish() -> String {
            Digest.hexadecimal { arc_sha256_finish(stream, $0) }
        }
    }
}
