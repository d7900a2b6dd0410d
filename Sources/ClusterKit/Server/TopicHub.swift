import Synchronization

/// Wakes readers when what they named has changed, and nobody else.
final class TopicHub: Sendable {
    private struct State {
        var waiters: [Topic: [UInt64: CheckedContinuation<Void, Never>]] = [:]
        var nextWaiter: UInt64 = 0
        var closed = false
    }

    private let state = Mutex(State())

    /// Wakes whoever waits for one of `topics`.
    func publish(_ topics: Set<Topic>) {
        let keys = topics.compactMap(\.key)
        let waiters = state.withLock { state in
            let wider: [Topic] =
                keys.isEmpty ? [] : state.waiters.keys.filter { topic in keys.contains(where: topic.covers) }
            return topics.union(wider).flatMap { topic in
                state.waiters.removeValue(forKey: topic).map { Array($0.values) } ?? []
            }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Wakes whoever waits for a service: which of them changed, a batch does not say.
    func publishServices() {
        let waiters = state.withLock { state in
            let topics = state.waiters.keys.filter(\.isAboutServices)
            return topics.flatMap { topic in state.waiters.removeValue(forKey: topic).map { Array($0.values) } ?? [] }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Wakes everyone: everything may have changed.
    func publishAll() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters.values.flatMap(\.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Whether nobody can wait any more.
    var isClosed: Bool { state.withLock(\.closed) }

    /// Wakes everyone and lets nobody wait any more.
    func close() {
        state.withLock { $0.closed = true }
        publishAll()
    }

    /// Waits for a change of `topic`, at most `limit`. Returns at once when `isNewer` already holds: it is asked
    /// after the waiter is in place, so no change falls between.
    func wait(for topic: Topic, atMost limit: Duration, unless isNewer: @escaping @Sendable () -> Bool) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(for: topic, unless: isNewer) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(for topic: Topic, unless isNewer: () -> Bool) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiters[topic, default: [:]][id] = continuation }
                let closed = state.withLock(\.closed)
                if closed || Task.isCancelled || isNewer() { take(id, of: topic)?.resume() }
            }
        } onCancel: {
            take(id, of: topic)?.resume()
        }
    }

    private func take(_ id: UInt64, of topic: Topic) -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            defer { if state.waiters[topic]?.isEmpty == true { state.waiters[topic] = nil } }
            return state.waiters[topic]?.removeValue(forKey: id)
        }
    }
}

extension Topic {
    /// What a batch touches. A removed record no longer says in which lists of its owner it stood; those who wait for
    /// such a list see it gone when they next look.
    static func touched(by batch: ChangeBatch) -> Set<Topic> {
        var topics: Set<Topic> = []
        for change in batch.changes {
            switch change {
            case .putJob(let record): topics.formUnion([.jobs, .job(record.job.id)])
            case .removeJob(let id): topics.formUnion([.jobs, .job(id)])
            case .removeJobVersion(let version): topics.insert(.job(version.job))
            case .putNode(let node): topics.formUnion([.nodes, .node(node.id)])
            case .removeNode(let id): topics.formUnion([.nodes, .node(id)])
            case .putAllocation(let allocation):
                topics.formUnion([
                    .allocations, .allocation(allocation.id), .allocationsOfJob(allocation.job),
                    .allocationsOnNode(allocation.node),
                ])
            case .removeAllocation(let id): topics.formUnion([.allocations, .allocation(id)])
            case .putEvaluation(let evaluation):
                topics.formUnion([.evaluations, .evaluation(evaluation.id), .evaluationsOfJob(evaluation.job)])
            case .removeEvaluation(let id): topics.formUnion([.evaluations, .evaluation(id)])
            case .putKey(let record): topics.formUnion([.keys, .key(record.key)])
            case .removeKey(let key): topics.formUnion([.keys, .key(key)])
            case .putSecret(let record): topics.formUnion([.secrets, .secret(record.path)])
            case .removeSecret(let path): topics.formUnion([.secrets, .secret(path)])
            case .putSealed(let secret): topics.insert(.secret(secret.path))
            case .removeSealed(let id): topics.insert(.secret(id.path))
            case .putSchedulingRules: topics.insert(.schedulingRules)
            }
        }
        return topics
    }
}

extension Topic {
    fileprivate var key: String? { if case .key(let key) = self { key } else { nil } }

    /// Whether it is of keys among which `key` is.
    fileprivate func covers(_ key: String) -> Bool {
        if case .keysBelow(let prefix) = self { key.utf8.starts(with: prefix.utf8) } else { false }
    }

    fileprivate var isAboutServices: Bool {
        switch self {
        case .services, .service: true
        default: false
        }
    }
}
