import Testing

@testable import Postgres

/// The database error that `body` ends with; nil where it succeeds. Any other error is reported.
func databaseError<T>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> T
) async -> DatabaseError? {
    do {
        _ = try await body()
        return nil
    } catch let error as DatabaseError {
        return error
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
        return nil
    }
}

/// Sees that `body` fails with an error of that code.
func fails<T>(
    _ code: DatabaseError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> T
) async {
    let error = await databaseError(sourceLocation: sourceLocation, body)
    #expect(error?.code == code, "\(error?.description ?? "it succeeded")", sourceLocation: sourceLocation)
}
