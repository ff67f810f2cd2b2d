/// Where a model puts a text: a vector whose direction is the text's meaning. Its length says nothing: similarity is the
/// cosine of the angle between two.
public struct Embedding: Sendable, Hashable {
    /// The most numbers that an embedding may have: what the schema's column holds.
    public static let most = 1536

    /// Its numbers, 1…1536 of them, all finite and not all 0.
    public let values: [Float]

    /// An embedding of these numbers.
    ///
    /// - Parameter place: what to call it in a message, such as `scenario "a"`.
    /// - Throws: `EvaluationError` with code `invalid` for no numbers, too many, one that isn't finite as a 32-bit number,
    ///   and for zeroes alone, which have no direction.
    public init(_ numbers: [Double], place: String) throws(EvaluationError) {
        guard !numbers.isEmpty else {
            throw EvaluationError(
                .invalid, "\(place): embedding must have 1 to \(Self.most) numbers, got none")
        }
        guard numbers.count <= Self.most else {
            throw EvaluationError(
                .invalid, "\(place): embedding must have 1 to \(Self.most) numbers, got \(numbers.count)",
                advice:
                    "Ask the model for fewer dimensions (many can shorten their vectors), or use another model."
            )
        }
        let values = numbers.map { Float($0) }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw EvaluationError(
                .invalid,
                "\(place): embedding[\(index + 1)] must be a finite 32-bit number, got \(numbers[index])")
        }
        guard values.contains(where: { $0 != 0 }) else {
            throw EvaluationError(
                .invalid, "\(place): embedding is all zeroes, which points nowhere",
                advice: "Leave it out where there is none.")
        }
        self.values = values
    }

    /// What a store has, which is taken as it is; nil where nothing can be compared with it.
    init?(stored values: [Float]) {
        guard !values.isEmpty, values.allSatisfy(\.isFinite), values.contains(where: { $0 != 0 }) else {
            return nil
        }
        self.values = values
    }

    /// The text that `arc_embedding` reads, filled up with zeroes to the column's length: they change no cosine.
    var text: String {
        let zeroes = repeatElement("0", count: max(0, Self.most - values.count))
        return "[" + (values.map(\.description) + zeroes).joined(separator: ",") + "]"
    }

    /// The numbers as a document, for the spool.
    var json: JSONValue { .array(values.map { .number(Double($0)) }) }

    /// An embedding that a document holds; nil where it holds none.
    init?(json: JSONValue?) {
        guard let numbers = json?.array?.map(\.double), !numbers.contains(nil) else { return nil }
        self.init(stored: numbers.compactMap { $0.map { Float($0) } })
    }

    /// The cosine of the angle to another, -1…1; where one has fewer numbers, the rest are 0.
    public func similarity(to other: Embedding) -> Double {
        CosineTarget(self).similarity(count: other.values.count) { other.values[$0] } ?? 0
    }
}
