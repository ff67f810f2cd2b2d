/// An array of Swift strings as C wants it.
enum CStrings {
    static func with<Result>(
        _ strings: [String], _ body: ([UnsafePointer<CChar>]) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for string in strings {
            offsets.append(bytes.count)
            bytes.append(contentsOf: string.utf8CString)
        }
        return bytes.withUnsafeBufferPointer { buffer in
            body(offsets.compactMap { offset in buffer.baseAddress.map { $0 + offset } })
        }
    }
}
