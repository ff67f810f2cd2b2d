/// Values of any kind, in pieces so that none is copied as more are added.
struct ValueList: Sendable {
    private static let shift = 12
    private var pieces: [[Value]] = []

    mutating func append(_ value: Value) {
        if pieces.last.map({ $0.count == 1 << Self.shift }) ?? true {
            var piece: [Value] = []
            if !pieces.isEmpty { piece.reserveCapacity(1 << Self.shift) }
            pieces.append(piece)
        }
        pieces[pieces.count - 1].append(value)
    }

    subscript(_ index: Int) -> Value { pieces[index >> Self.shift][index & (1 << Self.shift - 1)] }

    /// An estimate: of what lies elsewhere, only bytes and texts are known.
    var byteCount: Int {
        pieces.reduce(0) { sum, piece in
            piece.reduce(sum + piece.capacity * MemoryLayout<Value>.stride) { $0 + $1.outlyingBytes }
        }
    }
}

extension Value {
    fileprivate var outlyingBytes: Int {
        switch self {
        case .text(let text), .json(let text): text.utf8.count > 15 ? text.utf8.count + 32 : 0
        case .bytes(let bytes): bytes.count + 32
        case .numeric(let number): number.digits.count * 2 + 32
        case .vector(let numbers): numbers.count * 4 + 32
        case .array(let array):
            array.elements.reduce(32) { $0 + MemoryLayout<Value>.stride + $1.outlyingBytes }
        default: 0
        }
    }
}
