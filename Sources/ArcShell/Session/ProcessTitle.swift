import FoundationEssentials
import Glibc

/// What other users of the machine see of a command line, in `ps` and in `/proc/PID/cmdline`.
///
/// A password that is given in an argument is there from the start of the process until this has run; a password file,
/// the environment or a profile doesn't show it even for that moment.
enum ProcessTitle {
    /// Overwrites passwords in this process's arguments.
    static func hidePasswords() {
        // Swift's own copy is made from what is overwritten here.
        let arguments = CommandLine.arguments
        let hidden = redacted(arguments)
        guard hidden != arguments, let area = area(), area.count > 0 else { return }
        var place = 0
        for (argument, shown) in zip(arguments, hidden) {
            let length = argument.utf8.count
            guard place + length < area.count, area[place..<place + length].elementsEqual(argument.utf8)
            else {
                return
            }
            if shown != argument {
                let bytes = Array(shown.utf8.prefix(length))
                for index in 0..<length { area[place + index] = index < bytes.count ? bytes[index] : 0 }
            }
            place += length + 1
        }
    }

    /// The arguments without passwords: whatever a history wouldn't keep, and of a URL for a server no more than what
    /// can't be one.
    static func redacted(_ arguments: [String]) -> [String] {
        let options = ["--url", "--read-url"]
        return arguments.enumerated().map { index, argument in
            if index > 0, options.contains(arguments[index - 1]) { return redacted(url: argument) }
            for option in options where argument.hasPrefix(option + "=") {
                return option + "=" + redacted(url: String(argument.dropFirst(option.count + 1)))
            }
            return HistoryRedaction.redact(argument)
        }
    }

    private static func redacted(url: String) -> String {
        // A keyword string, or a query, with a password in whatever quotes.
        guard !url.lowercased().contains("password") else {
            return HistoryRedaction.sign
        }
        guard let scheme = url.firstRange(of: "://"), let at = url.lastIndex(of: "@"),
            scheme.upperBound <= at,
            let colon = url[scheme.upperBound..<at].firstIndex(of: ":")
        else { return url }
        return url[...colon] + HistoryRedaction.sign + url[at...]
    }

    /// The memory of the arguments, one after the other, each with a zero behind it.
    ///
    /// Source: proc(5), `/proc/PID/stat`, fields 48 and 49: arg_start and arg_end.
    private static func area() -> UnsafeMutableBufferPointer<UInt8>? {
        guard let file = fopen("/proc/self/stat", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        // The second field, the program's name, may hold blanks and brackets.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 46, let first = UInt(fields[45]), let last = UInt(fields[46]), last > first
        else {
            return nil
        }
        return UnsafeMutableBufferPointer(
            start: UnsafeMutablePointer<UInt8>(bitPattern: first), count: Int(last - first))
    }
}
