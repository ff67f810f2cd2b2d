/// Takes one direction of a connection apart into the messages of PostgreSQL's protocol 3.0, from whatever pieces the
/// network made of them.
///
/// Source: PostgreSQL documentation, "Message Formats" (protocol-message-formats): one byte of type and four of
/// length, which counts itself but not the type; what a client sends first has no type.
struct MessageReader: Sendable {
    enum Piece: Sendable, Equatable {
        /// What a client sends first: its code (196608 to start a session), the whole message.
        case opening(code: UInt32, [UInt8])
        /// A message of a type that is asked for, whole.
        case whole(type: UInt8, [UInt8])
        /// Some bytes of a message that nobody needs whole; `isStart` for its first ones.
        case part(type: UInt8, [UInt8], isStart: Bool)
        /// Bytes that are not messages: the answer to a request for encryption, and all that is encrypted.
        case raw([UInt8])
    }

    private enum Mode {
        /// Before a client's first message, and after a refused request for encryption. → `typed`, `raw`
        case opening
        /// Before the one byte that answers a request for encryption. → `typed`, `raw`
        case answer
        /// Messages. → `answer`
        case typed
        /// Encrypted. Stays so.
        case raw
    }

    /// The types of which messages are needed whole.
    private let wanted: Set<UInt8>
    private var mode: Mode
    private var buffer: [UInt8] = []
    private var type: UInt8 = 0
    private var bytesLeft = 0

    init(startsWithOpening: Bool, wanted: Set<UInt8>) {
        mode = startsWithOpening ? .opening : .typed
        self.wanted = wanted
    }

    /// The client asked for encryption: one byte answers.
    mutating func expectAnswer() { mode = .answer }
    /// The server refused to encrypt: the client opens once more.
    mutating func expectOpening() { mode = .opening }
    /// Everything from here on is encrypted.
    mutating func turnRaw() { mode = .raw }

    mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// The next piece; nil until more bytes are there.
    mutating func next() -> Piece? {
        guard !buffer.isEmpty else { return nil }
        switch mode {
        case .raw: return .raw(take(buffer.count))
        case .answer:
            mode = .typed
            return .raw(take(1))
        case .opening:
            guard buffer.count >= 8, buffer.count >= Int(number(at: 0)) else { return nil }
            let code = number(at: 4)
            mode = .typed
            return .opening(code: code, take(max(Int(number(at: 0)), 8)))
        case .typed: return nextTyped()
        }
    }

    private mutating func nextTyped() -> Piece? {
        if bytesLeft > 0 {
            let bytes = take(min(bytesLeft, buffer.count))
            bytesLeft -= bytes.count
            return .part(type: type, bytes, isStart: false)
        }
        guard buffer.count >= 5 else { return nil }
        type = buffer[0]
        let length = max(Int(number(at: 1)), 4) + 1
        if wanted.contains(type) {
            guard buffer.count >= length else { return nil }
            return .whole(type: type, take(length))
        }
        let bytes = take(min(length, buffer.count))
        bytesLeft = length - bytes.count
        return .part(type: type, bytes, isStart: true)
    }

    private func number(at index: Int) -> UInt32 {
        buffer[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        let bytes = Array(buffer.prefix(count))
        buffer.removeFirst(bytes.count)
        return bytes
    }
}
