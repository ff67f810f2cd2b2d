import Testing

@testable import ArcHost

@Suite("Ranges of versions, as npm writes them")
struct SemanticRangeTests {
    private func version(_ text: String) -> SemanticVersion {
        let numbers = text.split(separator: ".").compactMap { Int($0) }
        return SemanticVersion(numbers[0], numbers[1], numbers[2])
    }

    // As node's semver 7 answers.
    private static let cases: [(range: String, inside: String, outside: String)] = [
        (">=0.1 <2", "0.1.0 0.9.3 1.99.99", "0.0.9 2.0.0"), ("^1.2", "1.2.0 1.99.0", "1.1.9 2.0.0"),
        ("^0.1", "0.1.0 0.1.9", "0.2.0 0.0.9 1.0.0"), ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^0", "0.0.0 0.99.0", "1.0.0"), ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
        ("~1", "1.0.0 1.9.0", "2.0.0"),
        ("1.2", "1.2.0 1.2.9", "1.3.0 1.1.9"), ("1.x", "1.0.0 1.9.9", "2.0.0 0.9.9"),
        ("*", "0.0.0 9.9.9", ""),
        ("", "0.1.0 9.9.9", ""), ("=1.2.3", "1.2.3", "1.2.4 1.2.2"), (">1.2", "1.3.0", "1.2.9"),
        ("<=1.2", "1.2.9 0.0.0", "1.3.0"), ("<1.2", "1.1.9", "1.2.0"), (">1.2.3", "1.2.4", "1.2.3"),
        ("1.0.0 || ^2.1", "1.0.0 2.1.0 2.9.0", "1.0.1 2.0.9 3.0.0"), ("v1.2.3", "1.2.3", "1.2.4"),
    ]

    @Test("what is in a range, and what isn't", arguments: cases)
    func contains(range text: String, inside: String, outside: String) throws {
        let range = try #require(SemanticRange(text))
        for one in inside.split(separator: " ") {
            #expect(range.contains(version(String(one))), "\(one) in \(text)")
        }
        for one in outside.split(separator: " ") {
            #expect(!range.contains(version(String(one))), "\(one) not in \(text)")
        }
    }

    @Test(
        "what isn't a range is none",
        arguments: ["latest", ">=", "1.2.3.4", ">= 1.2", "1.2-beta", "^^1", "1..2", "a.b.c", "99999999999"])
    func wrong(_ text: String) { #expect(SemanticRange(text) == nil) }
}
