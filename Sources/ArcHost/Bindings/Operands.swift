import LuaBridge
import Postgres

/// How operators of arc's types read what stands beside them.
extension DirectCall {
    /// The object behind an argument, counted from 0, where it is of that type.
    func find<Object: HostObject>(_ index: Int, as type: Object.Type = Object.self) -> Object? {
        typeName(index) == Object.typeName ? try? object(index, as: type) : nil
    }

    /// A duration: one of arc's, seconds as a number, or a text such as "24h"; nil of anything else.
    func duration(_ index: Int) -> Interval? {
        if let duration = find(index, as: DurationObject.self) { return duration.interval }
        if let seconds = number(index) {
            return Int64(exactly: (seconds * 1_000_000).rounded()).map { Interval(microseconds: $0) }
        }
        return string(index).flatMap { DurationText.interval($0) }
    }

    /// A number for exact arithmetic: a decimal, an integer, or a float as the shortest decimal that reads back as it; nil of
    /// anything else.
    func decimal(_ index: Int) -> Numeric? {
        if let decimal = find(index, as: DecimalObject.self) { return decimal.number }
        if let integer = integer(index) { return Numeric(integer) }
        return number(index).flatMap { Numeric("\($0)") }
    }

    /// The error for operands that an operator can't take.
    func cannot(_ what: String) -> HostError {
        HostError(.argument, "\(what), got \(typeName(0)) and \(typeName(1))")
    }
}
