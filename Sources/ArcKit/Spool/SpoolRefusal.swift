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
            case .schema, .file, .program: return nil
            }
        case let error as DatabaseError:
            // P0001 is what a trigger raises.
            guard error.isRefusal || error.sqlState == "P0001" else { return nil }
            self = .value(error.message)
        default: return nil
        }
    }
}
