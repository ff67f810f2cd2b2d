internal import CPostgres

/// What a command would return, and what it takes.
public struct CommandShape: Sendable, Hashable {
    /// The types of `$1`, `$2`, ….
    public let parameterTypes: [OID]
    /// The columns of its result, with their types as the server declares them; none where it returns no rows.
    public let columns: [Column]

    /// A column of a result.
    public struct Column: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its type; of a domain that of its base type.
        public let type: OID
    }
}

extension Connection {
    /// Asks the server what a command takes and returns. It isn't run.
    ///
    /// - Throws: As `query`: `server` where it isn't one command, or names what isn't there.
    public func describe(_ sql: String) async throws(DatabaseError) -> CommandShape {
        try await counted(sql, nil) { exchange throws(DatabaseError) in
            try self.refuseNUL(in: sql)
            return try self.shape(of: sql, exchange)
        }
    }

    /// The types that the server infers for a command, without a trace in the session: see `parameterTypes`.
    func shape(of sql: String, _ exchange: Exchange) throws(DatabaseError) -> CommandShape {
        let results = try run(pipeline: [Command(sql), Command(sql)], exchange) { step, pointer in
            step == 0 ? PQsendPrepare(pointer, "", sql, 0, nil) : PQsendDescribePrepared(pointer, "")
        }
        guard let result = results.last else { throw Self.gone }
        return CommandShape(
            parameterTypes: (0..<PQnparams(result.pointer)).map { OID(PQparamtype(result.pointer, $0)) },
            columns: (0..<PQnfields(result.pointer)).map { column in
                CommandShape.Column(
                    name: String(cString: PQfname(result.pointer, column)),
                    type: OID(UInt32(PQftype(result.pointer, column))))
            })
    }
}

extension Value {
    /// The text by which a parameter of that type takes this value; nil for NULL.
    ///
    /// - Parameter number: which of a command's parameters it is, for the message.
    /// - Throws: `invalidOptions` where the type has no text for it.
    public func parameterText(as type: OID, number: Int) throws(DatabaseError) -> String? {
        if self == .null { return nil }
        if type == .bytea, case .text(let text) = self { return Value.bytes(Array(text.utf8)).description }
        return try ParameterList.text(of: self, as: type, number: number)
    }
}

extension SQLText {
    /// The text with something else in place of `$1`, `$2`, …, wherever they aren't part of a string or a comment.
    public static func replacingParameters(
        in text: String, with replacement: (Int) -> String?
    ) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        for token in SQLLexer.tokens(of: bytes) {
            let part = bytes[token.range]
            if token.kind == .parameter, let number = Int(String(decoding: part.dropFirst(), as: UTF8.self)),
                let other = replacement(number)
            {
                out += other.utf8
            } else {
                out += part
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The text without a semicolon at its end.
    public static func withoutEnd(_ text: String) -> String {
        let whole = split(text).filter { !$0.isEmpty }
        return whole.count == 1 ? whole[0].text : text
    }

    /// The first word of a command in lower case, after comments, spaces and opening parentheses; nil where something
    /// else comes first.
    public static func command(of text: String) -> String? { firstWord(of: text) }
}
