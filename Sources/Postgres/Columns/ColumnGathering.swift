extension ColumnValues {
    /// These rows, from 0, in this order; NULL for a negative number.
    public func gathering(_ rows: some Collection<Int32>) -> ColumnValues {
        var builder = ColumnBuilder(kind)
        for row in rows {
            if row < 0 { builder.appendNull() } else { builder.append(row: Int(row), of: self) }
        }
        return builder.finish()
    }

    /// Columns one behind the other, in the narrowest form that holds them all.
    public static func joined(_ parts: [ColumnValues]) -> ColumnValues {
        let known = parts.filter { $0.nullCount < $0.count }
        guard var kind = (known.first ?? parts.first)?.kind else { return ColumnValues([]) }
        for part in known { kind = ColumnKind.holding(kind, part.kind) }
        var builder = ColumnBuilder(kind)
        for part in parts {
            for row in 0..<part.count {
                if part.isNull(row) {
                    builder.appendNull()
                } else if part.kind == kind, builder.isOf(kind) {
                    builder.append(row: row, of: part)
                } else {
                    builder.append(part[row])
                }
            }
        }
        return builder.finish()
    }
}

extension ColumnKind {
    /// The kind that has a place for the values of both.
    fileprivate static func holding(_ one: ColumnKind, _ other: ColumnKind) -> ColumnKind {
        if one == other { return one }
        switch (one.isInteger, other.isInteger) {
        case (true, true): return .int8
        case (true, false) where other.isReal, (false, true) where one.isReal: return .float8
        case (false, false) where one.isReal && other.isReal: return .float8
        default: return .values
        }
    }

    private var isInteger: Bool {
        switch self {
        case .int2, .int4, .int8, .oid: true
        default: false
        }
    }

    private var isReal: Bool { self == .float4 || self == .float8 }
}
