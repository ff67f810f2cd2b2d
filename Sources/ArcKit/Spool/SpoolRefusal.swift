import Postgres

/// What an error from recording means for outcomes of the spool.
enum SpoolRefusal: Equatable {
    /// A value of one of them can't be stored; the others may well be.
    case value(String)
    /// Their simulation takes nothing: it is gone, or has ended.
    case simulation(String)

    /// Nil where the error says nothing about the outcomes: the database is away, busy or not ready, and they have to
    /// wait.
    init?(_ error: any Error) {
        switch error {
        case let error as EvaluationError:
            switch error.code {
            case .notFound, .state: self = .simulation(error.message)
            case .invalid, .exists, .ambiguous: self = .value(error.message)
            case .database:
                guard let inner = error.underlying.flatMap({ SpoolRefusal($0) }) else { return nil }
                self = inner
            case .schema, .file: return nil
            }
        case let error as DatabaseError:
            guard let state = error.sqlState, Self.isAboutValues(state) else { return nil }
            self = .value(error.message)
        default: return nil
        }
    }

    /// Classes of PostgreSQL's error codes (appendix A): 22 data exception, 23 integrity constraint violation, 54
    /// program limit exceeded; and P0001, what a trigger raises.
    private static func isAboutValues(_ sqlState: String) -> Bool {
        ["22", "23", "54"].contains(String(sqlState.prefix(2))) || sqlState == "P0001"
    }
}
