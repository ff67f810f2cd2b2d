import ArcKit
import Testing

/// The vectors of NIST's "Secure Hash Standard" examples and of the SHA-2 validation suite.
@Suite("SHA-256")
struct DigestTests {
    static let vectors: [(text: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ]
    static let millionDigest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

    @Test("NIST's messages give NIST's digests", arguments: vectors)
    func nist(text: String, digest: String) {
        #expect(Digest.sha256(text) == digest)
        #expect(Digest.sha256(Array(text.utf8)) == digest)
    }

    @Test("NIST's binary message 0xbd gives its digest")
    func binary() {
        #expect(
            Digest.sha256([0xbd]) == "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b")
    }

    @Test("a million a's give NIST's digest, at once and in pieces of every odd size")
    func million() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(Digest.sha256(message) == Self.millionDigest)
        for size in [1, 63, 64, 65, 999, 1_000_000] {
            var stream = Digest.Stream()
            for start in stride(from: 0, to: message.count, by: size) {
                stream.add(Array(message[start..<min(start + size, message.count)]))
            }
            #expect(stream.finish() == Self.millionDigest, "pieces of \(size) bytes")
        }
    }

    @Test("a stream without bytes gives the digest of the empty message")
    func emptyStream() {
        var stream = Digest.Stream()
        stream.add([])
        #expect(stream.finish() == Self.vectors[0].digest)
    }

    @Test("a stream that is dropped unfinished frees itself, and one bit changes the digest")
    func dropped() {
        do {
            var stream = Digest.Stream()
            stream.add([1, 2, 3])
        }
        #expect(Digest.sha256([0]) != Digest.sha256([1]))
    }

    @Test("a text made from a C string or a slice is read as UTF-8")
    func utf8() {
        let text = String("héllo wörld 🌍".dropFirst(2))
        #expect(Digest.sha256(text) == Digest.sha256(Array(text.utf8)))
    }
}
