import Glibc

/// What Linux says of this process.
enum ProcessStatus {
    /// A size from `/proc/self/status`, such as VmRSS.
    static func kilobytes(_ name: String) throws -> Int? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("\(name):") else { continue }
            return text.split { !$0.isNumber }.first.flatMap { Int($0) }
        }
        return nil
    }
}
