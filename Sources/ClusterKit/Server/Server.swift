public import Logging
public import ServiceLifecycle
import Synchronization

/// A server: takes jobs, places them, and tells agents what to run. Run it, then call it; every seam is an argument.
///
/// ```swift
/// let server = Server(store: MemoryStore())
/// let driver = try ProcessDriver(supervision: .inProcess, stateFolder: folder + "/tasks")
/// let agent = Agent(link: server, drivers: [driver], configuration: AgentConfiguration(dataFolder: folder + "/agent"))
/// try await ServiceGroup(services: [server, agent], logger: logger).run()
/// ```
public final class Server: Service {
    let store: any Store
    let authorizer: any Authorizer
    /// How the server behaves.
    public let configuration: ServerConfiguration
    let scheduler: any Scheduler
    let time: any TimeSource
    let logger: Logger
    private let seed: UInt64
    private let loop: Loop<ServerCore>
    private let requests = ServerReplies()
    let leadership = Leadership()
    let hub = TopicHub()
    let desk: InquiryDesk
    let gate = WithdrawalGate()
    let history = PlacementHistory()
    /// The nodes that are kept for work that waits; `nil` before this server leads.
    let kept = Mutex<KeptNodes?>(nil)
    let zones = ZoneFiles()
    let condition = StoreCondition()
    /// What is secret.
    public let secrets: any SecretStore
    /// Where measurements go, those of the agents included.
    public let metrics: any MetricSink

    /// Composes a server. Nothing runs before `run`.
    ///
    /// - Parameters:
    ///   - secrets: makes the store of secrets, which may keep its records with the server's; a sealed one without a
    ///     key by default.
    ///   - metrics: where measurements go.
    ///   - seed: where chance begins; give one to make a test repeatable.
    public init(
        store: any Store, scheduler: any Scheduler = BinPackScheduler(), authorizer: any Authorizer = AllowAll(),
        secrets: (any RecordKeeper) -> any SecretStore = { SealedSecretStore(keeper: $0) },
        metrics: any MetricSink = PrometheusSink(), configuration: ServerConfiguration = ServerConfiguration(),
        time: any TimeSource = SystemTime(), logger: Logger = Logger(label: "cluster.server"), seed: UInt64? = nil
    ) {
        self.store = store
        self.scheduler = scheduler
        self.authorizer = authorizer
        self.configuration = configuration
        self.time = time
        self.logger = logger
        var generator = SystemRandomNumberGenerator()
        self.seed = seed ?? generator.next()
        loop = Loop(time: time)
        desk = InquiryDesk(entropy: Entropy(seed: ~self.seed))
        self.metrics = metrics
        self.secrets = secrets(ServerKeeper(store: store, loop: loop, requests: requests))
    }

    /// Leads the store and serves until the service group shuts down, the task is canceled, or the store can no
    /// longer be trusted: then it throws, and the process should end and start anew from its log.
    public func run() async throws {
        defer {
            leadership.set(false)
            requests.close()
            hub.close()
        }
        let (epoch, head) = try await store.lead(as: ServerID(configuration.name))
        loop.post(.led(epoch, head))
        leadership.set(true)
        let (groups, appends) = AsyncStream.makeStream(of: ([ChangeBatch], Snapshot).self)
        let halted = Halt()
        try await cancelWhenGracefulShutdown { [self] in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await self.write(groups) }
                tasks.addTask { await self.watchStore(leading: epoch) }
                tasks.addTask {
                    var core = ServerCore(configuration: self.configuration, scheduler: self.scheduler)
                    await self.loop.run(core: &core, entropy: Entropy(seed: self.seed)) { effect in
                        self.perform(effect, appends, halted)
                    } until: {
                        halted.reason != nil
                    }
                    appends.finish()
                }
                try await tasks.next()
                tasks.cancelAll()
            }
        }
        if let reason = halted.reason { throw ClusterError(.unavailable, reason) }
    }

    private func perform(
        _ effect: ServerCore.Effect, _ appends: AsyncStream<([ChangeBatch], Snapshot)>.Continuation,
        _ halted: Halt
    ) {
        switch effect {
        case .append(let group, let head): appends.yield((group, head))
        case .reply(let id, let result): requests.complete(id, with: result)
        case .keep(let nodes): kept.withLock { $0 = nodes }
        case .readZone(let name):
            do throws(ClusterError) {
                loop.post(.zone(name, .success(try zones.rules(of: name))))
            } catch {
                loop.post(.zone(name, .failure(error)))
            }
        case .note(let text): logger.info("\(text)")
        case .warning(let text): logger.warning("\(text)")
        case .alarm(let text): logger.critical("\(text)")
        case .halt(let reason):
            logger.critical("\(reason)")
            halted.stop(because: reason)
        }
    }

    /// Writes one group after the other and tells the core how it went.
    private func write(_ groups: AsyncStream<([ChangeBatch], Snapshot)>) async {
        for await (group, head) in groups {
            do throws(AppendFailure) {
                try await store.append(group, head: head)
                condition.take()
                loop.post(.appended)
            } catch {
                if case .refused(let reason) = error { condition.refuse(because: reason) }
                loop.post(.appendFailed(error))
            }
        }
    }

    /// Wakes readers as changes become durable. A write of another leader ends this one, which may have nothing to
    /// write itself by which it would learn that: what it grants agents from then on, the other does not know of.
    private func watchStore(leading epoch: Epoch) async {
        var services = Revision.zero
        var trail = BatchTrail()
        for await element in store.follow(after: .start) {
            if element.state.epoch > epoch { loop.post(.superseded) }
            switch element {
            case .batch(let batch, let snapshot):
                let before = trail.state(before: batch)
                history.note(batch, before: before)
                hub.publish(batch, before: before)
                trail.pass(batch, newest: snapshot)
                if snapshot.catalog.modifyRevision != services { hub.publishServices() }
                services = snapshot.catalog.modifyRevision
            case .resync(let snapshot):
                trail.begin(at: snapshot)
                services = snapshot.catalog.modifyRevision
                hub.publishAll()
            }
        }
    }

    // MARK: - Requests

    func send(_ request: ServerRequest) async throws -> ServerReply {
        try await requests.wait { self.loop.post(.request($0, request)) }
    }

    /// Sends a request of which the caller may think better: when its task is canceled, so is the request.
    func sendWithdrawing(_ request: WorkRequest) async throws -> WorkReply {
        let sent = Mutex<UInt64?>(nil)
        let reply = try await withTaskCancellationHandler {
            try await requests.wait { id in
                loop.post(.request(id, .work(request)))
                sent.withLock { $0 = id }
                if Task.isCancelled { loop.post(.withdrawn(id)) }
            }
        } onCancel: {
            if let id = sent.withLock(\.self) { loop.post(.withdrawn(id)) }
        }
        guard case .work(let answer) = reply else {
            throw ClusterError(.internal, "a wish about a queue of work was answered strangely")
        }
        return answer
    }

    func receipt(for request: ServerRequest) async throws -> Receipt {
        guard case .receipt(let receipt) = try await send(request) else {
            throw ClusterError(.internal, "a write was answered without a receipt")
        }
        return receipt
    }
}

/// Why the core told its server to stop.
private final class Halt: Sendable {
    private let state = Mutex<String?>(nil)

    var reason: String? { state.withLock { $0 } }

    func stop(because reason: String) { state.withLock { $0 = reason } }
}
