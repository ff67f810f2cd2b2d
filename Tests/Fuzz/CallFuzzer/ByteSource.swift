/// Takes decisions from the fuzzer's bytes; after their end, always the first choice.
struct ByteSource {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(byte()) % limit }

    mutating func choice<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
