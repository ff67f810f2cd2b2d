import Glibc
import Synchronization

/// The proxy's thread: waits for all sockets at once, and moves bytes.
final class ProxyLoop {
    private let shared: ProxyShared
    private let listener: Int32
    private let directory: String?
    private let target: Endpoint
    private let isRecording: Bool
    private var links: [ProxyLink] = []
    private var accepted = 0
    private var cuts = 0
    private var resumptions = 0

    init(shared: ProxyShared, listener: Int32, directory: String?, target: Endpoint, isRecording: Bool) {
        self.shared = shared
        self.listener = listener
        self.directory = directory
        self.target = target
        self.isRecording = isRecording
    }

    func start() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ProxyLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        precondition(failure == 0, "no thread for a proxy")
        pthread_detach(thread)
    }

    private func run() {
        while !follow() { turn() }
        for link in links { link.close() }
        close(listener)
        guard let directory else { return }
        unlink("\(directory)/.s.PGSQL.5432")
        rmdir(directory)
    }

    /// Does what was asked for since the last turn; true when it is to end.
    private func follow() -> Bool {
        shared.control.withLock { control in
            if control.cuts > cuts {
                cuts = control.cuts
                for link in links { link.close() }
            }
            if control.resumptions > resumptions {
                resumptions = control.resumptions
                for link in links { perform(link.state.resumed(&control.plan), link, &control) }
            }
            tidy(&control)
            return control.isStopped
        }
    }

    /// One round of waiting for something to happen, and seeing to it.
    private func turn() {
        let isStalled = shared.control.withLock { $0.isStalled }
        var descriptors = [pollfd(fd: shared.wakeReader, events: Int16(POLLIN), revents: 0)]
        descriptors.append(pollfd(fd: isStalled ? -1 : listener, events: Int16(POLLIN), revents: 0))
        for link in links {
            for direction in Direction.allCases {
                let reads = !isStalled && link.isReading(direction)
                let writes = !isStalled && link.isWriting(direction)
                // A socket that nobody waits for would still report its end, again and again.
                descriptors.append(
                    pollfd(fd: reads ? link.entry(direction) : -1, events: Int16(POLLIN), revents: 0))
                descriptors.append(
                    pollfd(fd: writes ? link.exit(direction) : -1, events: Int16(POLLOUT), revents: 0))
            }
        }
        guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { return }
        if descriptors[0].revents != 0 { shared.drainWakes() }
        let ready = descriptors.dropFirst(2).map { $0.revents != 0 }
        shared.control.withLock { control in
            guard !control.isStalled else { return }
            for (index, link) in links.enumerated() {
                for (way, direction) in Direction.allCases.enumerated() {
                    let place = index * 4 + way * 2
                    if ready[place + 1] { link.write(direction) }
                    if ready[place], link.isReading(direction) { move(link, direction, &control) }
                }
            }
            if descriptors[1].revents != 0 { acceptAll(&control) }
            tidy(&control)
        }
    }

    private func move(_ link: ProxyLink, _ direction: Direction, _ control: inout ProxyShared.Control) {
        switch link.read(direction) {
        case .nothing: break
        case .over: link.isEnding = true
        case .bytes(let bytes):
            let wasCancel = link.state.isCancel
            perform(link.state.received(bytes, direction, &control.plan), link, &control)
            if link.state.isCancel, !wasCancel { control.counts.cancels += 1 }
        }
    }

    private func perform(
        _ actions: [FaultState.Action], _ link: ProxyLink, _ control: inout ProxyShared.Control
    ) {
        for action in actions {
            switch action {
            case .pass(let bytes, let direction):
                link.send(bytes, direction)
                control.counts.bytes[direction, default: 0] += bytes.count
                if isRecording {
                    control.recorded[link.number, default: [:]][direction, default: []] += bytes
                }
            case .cut: link.isEnding = true
            }
        }
        control.counts.strikes += link.state.takeStrikes()
    }

    private func acceptAll(_ control: inout ProxyShared.Control) {
        while let client = Endpoint.accept(listener) {
            accepted += 1
            control.counts.accepted += 1
            let fate = control.plan.fate(of: accepted)
            if fate == .isRefused {
                control.counts.refused += 1
                close(client)
            } else if let server = target.connect() {
                let link = ProxyLink(
                    number: accepted, client: client, server: server, state: FaultState(fate: fate))
                links.append(link)
                perform(link.state.opened(&control.plan), link, &control)
            } else {
                control.counts.unanswered += 1
                close(client)
            }
        }
    }

    private func tidy(_ control: inout ProxyShared.Control) {
        for link in links { link.closeIfDone() }
        links.removeAll(where: \.isClosed)
        control.counts.open = links.count
        let counts = control.counts
        for waiter in control.waiters where waiter.condition(counts) { waiter.continuation.resume() }
        control.waiters.removeAll { $0.condition(counts) }
    }
}
