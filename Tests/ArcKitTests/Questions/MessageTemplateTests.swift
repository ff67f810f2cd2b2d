import ArcKit
import Testing

@Suite("Templates of error messages")
struct MessageTemplateTests {
    @Test(
        "details are masked and words stay",
        arguments: [
            ("order 4711 not found", "order <n> not found"),
            ("Timed out after 30.5s (limit 30s)", "Timed out after <n>s (limit <n>s)"),
            ("rate limit: 1,234 of -1000 tokens", "rate limit: <n> of <n> tokens"),
            ("tool 'get_order' failed with \"no \\\" luck\"", "tool <text> failed with <text>"),
            ("can't reach the user's host", "can't reach the user's host"),
            ("user mia_li_3668 has no order A-80312", "user <id> has no order A-<n>"),
            ("call 550e8400-e29b-41d4-a716-446655440000 lost", "call <id> lost"),
            ("at 0x7ffe12ab in 8f3a2b1c9d", "at <hex> in <hex>"),
            ("2024-01-15T14:30:00Z: down", "<n>Z: down"),
            ("10.0.0.1:5432 refused", "<n> refused"),
            ("ids 1, 2, 3 and 'a', 'b' are unknown", "ids <n> and <text> are unknown"),
            ("  two\twords  ", "two words"),
            ("gestört: Fähre 7 fällt aus", "gestört: Fähre <n> fällt aus"),
            ("a 'quote without an end", "a 'quote without an end"),
            ("first line 1\nsecond line", "first line <n>"),
            (
                "Traceback (most recent call last):\n  File \"x.py\", line 3\nKeyError: 'a17'\n",
                "KeyError: <text>"
            ),
        ])
    func masked(_ message: String, _ template: String) {
        #expect(MessageTemplate.of(message) == template)
    }

    @Test("a message without anything to read has no template", arguments: ["", "  ", "\n\t\n"])
    func empty(_ message: String) { #expect(MessageTemplate.of(message) == nil) }

    @Test("a long template is cut, and says so")
    func long() {
        let template = MessageTemplate.of(String(repeating: "word ", count: 200))
        #expect(template?.count == MessageTemplate.longest)
        #expect(template?.hasSuffix("…") == true)
    }

    @Test("messages that differ in a number alone have one template, whatever the number")
    func numbers() {
        let templates = Set(
            (0..<2000).map { MessageTemplate.of("step \($0 * 7919) of \($0) failed: 'x\($0)'") })
        #expect(templates == ["step <n> of <n> failed: <text>"])
    }
}
