import Glibc

/// One client's connection and its own to the server. Belongs to the proxy's thread.
final class ProxyLink {
    /// One end, with the bytes that wait to leave by it.
    struct End {
        let socket: Int32
        var leaving: [UInt8] = []
    }

    enum Readiness { case nothing, bytes([UInt8]), over }

    let number: Int
    var state: FaultState
    private var ends: [Direction: End]
    private(set) var isClosed = false
    /// Over as soon as nothing waits to leave.
    var isEnding = false

    init(number: Int, client: Int32, server: Int32, state: FaultState) {
        self.number = number
        self.state = state
        ends = [.toClient: End(socket: client), .toServer: End(socket: server)]
    }

    /// The socket by which bytes of that direction leave.
    func exit(_ direction: Direction) -> Int32 { ends[direction]?.socket ?? -1 }
    /// The socket by which bytes of that direction come.
    func entry(_ direction: Direction) -> Int32 { exit(direction == .toServer ? .toClient : .toServer) }

    /// Whether bytes of that direction are to be read: not while those before haven't left.
    func isReading(_ direction: Direction) -> Bool {
        !isClosed && !isEnding && state.phase == .passing && !isWriting(direction)
    }

    func isWriting(_ direction: Direction) -> Bool {
        !isClosed && ends[direction].map { !$0.leaving.isEmpty } ?? false
    }

    func read(_ direction: Direction) -> Readiness {
        var isOver = false
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let length = Glibc.read(entry(direction), buffer.baseAddress, buffer.count)
            isOver = length == 0 || length < 0 && errno != EAGAIN && errno != EINTR
            count = max(length, 0)
        }
        return bytes.isEmpty ? (isOver ? .over : .nothing) : .bytes(bytes)
    }

    func send(_ bytes: [UInt8], _ direction: Direction) {
        ends[direction]?.leaving += bytes
        write(direction)
    }

    /// Writes what can be written; an end that takes nothing any more ends the link.
    func write(_ direction: Direction) {
        guard let end = ends[direction], !isClosed else { return }
        var written = 0
        end.leaving.withUnsafeBytes { bytes in
            while written < bytes.count {
                let count = Glibc.send(
                    end.socket, bytes.baseAddress.map { $0 + written }, bytes.count - written,
                    Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                if count < 0 {
                    if errno != EAGAIN {
                        written = bytes.count
                        isEnding = true
                    }
                    return
                }
                written += count
            }
        }
        ends[direction]?.leaving.removeFirst(written)
    }

    /// Closes both ends if the link is ending and nothing waits to leave.
    func closeIfDone() {
        guard isEnding, !isWriting(.toClient), !isWriting(.toServer) else { return }
        close()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        for end in ends.values { Glibc.close(end.socket) }
    }
}
