/// Text with everything invisible shown: control characters, escape sequences, and what reorders or hides text.
///
/// A cell holds what an agent wrote, and may not move the cursor, set the title, or show `gnp.exe` as `exe.png`.
public enum VisibleText {
    /// The text on one line: `↵` for a newline, `⇥` for a tab, `␛` and its like for control characters, and
    /// `<202E>` for the rest of what can't be seen.
    public static func line(_ text: String) -> String {
        replacing(text, keeping: [])
    }

    /// The same with its newlines left as they are.
    ///
    /// - Parameter keepingTabs: whether tabs are left as they are, too.
    public static func lines(_ text: String, keepingTabs: Bool = false) -> String {
        replacing(text, keeping: keepingTabs ? ["\n", "\t"] : ["\n"])
    }

    private static func replacing(_ text: String, keeping kept: [Unicode.Scalar]) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var shown = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if previous == "\r", scalar == "\n" { shown.removeLast() }
            if kept.contains(scalar) {
                shown.append(scalar)
            } else if let replacement = replacement(for: scalar) {
                shown.append(contentsOf: replacement.unicodeScalars)
            } else {
                shown.append(scalar)
            }
            previous = scalar
        }
        return String(shown)
    }

    /// Whether a scalar can't be seen, and does something instead: a control character, or what reorders or hides text.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool { replacement(for: scalar) != nil }

    /// What stands for a scalar that must not be shown as it is.
    private static func replacement(for scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x20..<0x7F: return nil
        case 0x0A: return "↵"
        case 0x09: return "⇥"
        case 0..<0x20: return String(Unicode.Scalar(0x2400 + scalar.value).map(Character.init) ?? "?")
        case 0x7F: return "␡"
        // Joiners and variation selectors make one emoji or ligature of several: harmless, and needed.
        case 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0020...0xE007F: return nil
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            return "<" + String(scalar.value, radix: 16, uppercase: true) + ">"
        default: return nil
        }
    }
}
