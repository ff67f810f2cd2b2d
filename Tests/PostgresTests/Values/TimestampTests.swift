import Postgres
import Testing

@Suite("Times as text")
struct TimestampTests {
    @Test(
        "days and hours that no calendar has are refused",
        arguments: [
            "2024-02-30 00:00:00", "2023-02-29T00:00:00Z", "2024-04-31 12:00:00+00", "2024-01-15 25:00:00Z",
            "2024-13-01 00:00:00", "2024-01-00 00:00:00", "2024-01-15T2999999999:00:00Z",
            "2024-01-15T9223372036854775807:00:00", "2024-01-15 00:00:00+2562047788",
        ])
    func impossible(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("the last moment of a day may be written as 24:00, as PostgreSQL takes it")
    func midnight() throws {
        #expect(try #require(Timestamp("2024-02-29 24:00:00")) == #require(Timestamp("2024-03-01 00:00:00")))
    }
}
