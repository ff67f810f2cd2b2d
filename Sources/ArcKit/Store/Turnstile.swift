import DequeModule
import Synchronization

/// Lets one at a time through, by key, in the order of arrival.
///
/// Recording into a simulation locks its row. Those of this process who wait for it wait here, without a connection:
/// fifty of them would otherwise hold the whole pool.
final class Turnstile: Sendable {
    /// Who waits behind the one that is inside; a key without anybody inside isn't there.
    private let queues = Mutex<[String: Deque<CheckedContinuation<Void, Never>>]>([:])

    /// Waits until nobody is inside for that key; `leave` must follow.
    func enter(_ key: String) async {
        await withCheckedContinuation { continuation in
            let isFree = queues.withLock { queues in
                guard queues[key] != nil else {
                    queues[key] = []
                    return true
                }
                queues[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Lets the next one in.
    func leave(_ key: String) {
        let next = queues.withLock { queues in
            guard let next = queues[key]?.popFirst() else {
                queues[key] = nil
                return nil as CheckedContinuation<Void, Never>?
            }
            return next
        }
        next?.resume()
    }
}
