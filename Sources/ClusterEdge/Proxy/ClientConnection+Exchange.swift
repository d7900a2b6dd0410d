import ClusterKit
import NIOCore

/// The way of a request to an instance.
extension ClientConnection {
    /// Whether all of the request has come from the client.
    var hasSentRequest: Bool { exchange.framing.isDone }

    /// Takes up the request that the loop's scanner just read.
    func begin() {
        generation += 1
        loop.scanner.head.client = client.bytes
        exchange = Exchange(loop.scanner, started: NIODeadline.now().uptimeNanoseconds)
        phase = .exchange
        touch()
        loop.counters.open(exchange.method, upgrade: exchange.wantsUpgrade)
        guard let route = loop.table.route(for: loop.scanner.head) else { return fail(.noRoute) }
        let state = loop.state(of: route)
        exchange.state = state
        state.counters.open(exchange.method, upgrade: exchange.wantsUpgrade)
        guard !state.upstreams.isEmpty else { return fail(.noInstance) }
        guard let target = state.next(at: exchange.started, tried: []) else { return fail(.noInstance) }
        do throws(HTTPRefusal) {
            requestHead.clear()
            try loop.scanner.write(
                into: &requestHead, rewritten: route.rewriting(loop.scanner.head), clientLines: client.lines,
                host: route.passesHost && !loop.scanner.hostField.isEmpty ? nil : state.upstreams[target].host)
        } catch {
            return fail(error)
        }
        send(to: target)
    }

    /// Sends the request to an instance, over an idle connection or a new one.
    private func send(to target: Int) {
        guard let state = exchange.state else { return }
        let upstream = state.upstreams[target]
        exchange.tries += 1
        exchange.target = target
        // What cannot be repeated must not meet a connection that its instance is just closing.
        let moment = exchange.isRepeatable ? 0 : (loop.now > 1_000_000_000 ? loop.now - 1_000_000_000 : 0)
        if let connection = upstream.takeIdle(usedAfter: moment) {
            carry(on: connection)
        } else if upstream.open >= loop.configuration.maximumConnectionsPerTarget {
            exchange.tried.append(target)
            exchange.refusal = .crowdedService
            tryAnother()
        } else {
            connect(upstream)
        }
    }

    private func connect(_ upstream: Upstream) {
        upstream.open += 1
        let mine = generation
        let bootstrap = UpstreamBootstrap(loop)
        bootstrap.connect(to: upstream).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel, to: upstream, generation: mine)
            case .failure(let error): self.refused(by: upstream, error, generation: mine)
            }
        }
    }

    private func connected(_ channel: any Channel, to upstream: Upstream, generation: UInt64) {
        upstream.avoidance.accepted()
        let connection = UpstreamConnection(upstream, loop: loop)
        do {
            guard channel.isActive else { throw ChannelError.eof }
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            upstream.open -= 1
            channel.close(promise: nil)
            if generation == self.generation, phase == .exchange { fail(.brokenUpstream) }
            return
        }
        if generation == self.generation, phase == .exchange {
            carry(on: connection)
        } else {
            connection.close()
        }
    }

    private func refused(by upstream: Upstream, _ error: any Error, generation: UInt64) {
        upstream.open -= 1
        upstream.avoidance.refused(at: loop.now, first: loop.times.avoidance, most: loop.times.maximumAvoidance)
        guard generation == self.generation, phase == .exchange else { return }
        exchange.tried.append(exchange.target)
        exchange.refusal = UpstreamBootstrap.isTimeout(error) ? .slowConnect : .unreachable
        tryAnother()
    }

    /// Tries another instance: none of the request has been used up.
    private func tryAnother() {
        guard let state = exchange.state, exchange.tries < loop.configuration.maximumTries,
            let target = state.next(at: loop.now, tried: exchange.tried)
        else { return fail(exchange.refusal) }
        state.counters.retries += 1
        if !state.route.passesHost { replaceHost(by: state.upstreams[target].host) }
        send(to: target)
    }

    /// Names another instance in the head that is kept for another try. The `Host` is its second line.
    private func replaceHost(by host: [UInt8]) {
        let view = requestHead.readableBytesView
        guard let first = view.firstIndex(of: HTTPByte.lineFeed),
            let second = view[(first + 1)...].firstIndex(of: HTTPByte.lineFeed)
        else { return }
        var head = ByteBuffer()
        head.writeBytes(view[...first])
        head.writeStaticString("Host: ")
        head.writeBytes(host)
        head.writeBytes(view[(second - 1)...])
        requestHead = head
    }

    private func carry(on connection: UpstreamConnection) {
        exchange.upstream = connection
        connection.begin(for: self)
        connection.write(requestHead)
        forwardBody()
        touch()
        if exchange.upstream === connection, !isInRead { connection.flush() }
        if hasInputEnded { clientLeft() }
        if !hasSentRequest { readMore() }
    }

    /// The client will send nothing more. Whether it still reads cannot be known: one that is gone looks alike. So the
    /// instance gets a little time to answer, and a request that is not whole ends at once.
    func clientLeft() {
        guard phase == .exchange else { return }
        // What has come of the body is looked at when there is somebody to pass it to.
        if !hasSentRequest && exchange.upstream != nil { return close() }
        if !exchange.hasResponse { deadline = min(deadline, loop.now + loop.times.linger) }
    }

    /// Passes on what has come of the request's body.
    func forwardBody() {
        guard let upstream = exchange.upstream, !exchange.framing.isDone, input.readableBytes > 0 else { return }
        loop.parts.removeAll(keepingCapacity: true)
        do throws(HTTPRefusal) {
            let used = try input.withUnsafeReadableBytes { bytes throws(HTTPRefusal) in
                try exchange.framing.read(
                    bytes.bindMemory(to: UInt8.self), keepsFraming: true, into: &loop.parts)
            }
            for part in loop.parts {
                if let slice = input.getSlice(at: input.readerIndex + part.lowerBound, length: part.count) {
                    upstream.write(slice)
                }
            }
            input.moveReaderIndex(forwardBy: used)
            exchange.received += UInt64(used)
            touch()
        } catch {
            exchange.isPersistent = false
            if exchange.hasResponse { close() } else { fail(error) }
        }
    }

    /// The instance closed the connection before it answered.
    func upstreamFailed(isStale: Bool) {
        guard phase == .exchange, let upstream = exchange.upstream?.upstream else { return }
        exchange.upstream = nil
        guard isStale, exchange.isRepeatable, exchange.tries < loop.configuration.maximumTries else {
            return fail(.brokenUpstream)
        }
        // One that was closed while it lay idle is seldom the only one.
        upstream.closeAllIdle()
        exchange.refusal = .brokenUpstream
        tryAnother()
    }
}
