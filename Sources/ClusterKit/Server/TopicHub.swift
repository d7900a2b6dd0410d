import Synchronization

/// Wakes readers when what they named has changed, and nobody else.
final class TopicHub: Sendable {
    private struct State {
        var waiters: [Topic: [UInt64: CheckedContinuation<Void, Never>]] = [:]
        var nextWaiter: UInt64 = 0
        var closed = false
    }

    private let state = Mutex(State())

    /// Wakes whoever waits for something that `batch` touches. `before` is the state that it changed: a removal does
    /// not say in which lists the record stood.
    func publish(_ batch: ChangeBatch, before: Snapshot) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            var woken: [CheckedContinuation<Void, Never>] = []
            for change in batch.changes {
                guard !state.waiters.isEmpty else { break }
                Topic.touched(by: change, before: before) { topic in
                    if let waiters = state.waiters.removeValue(forKey: topic) { woken += waiters.values }
                    guard let key = topic.key else { return }
                    for wider in state.waiters.keys.filter({ $0.covers(key) }) {
                        if let waiters = state.waiters.removeValue(forKey: wider) { woken += waiters.values }
                    }
                }
            }
            return woken
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
    /// Calls `visit` with what a change of the state `before` touches.
    static func touched(by change: Change, before: Snapshot, _ visit: (Topic) -> Void) {
        switch change {
        case .putJob(let record): touchedJob(record.job.id, childOf: record.job.origin?.parent, visit)
        case .removeJob(let id): touchedJob(id, childOf: before.jobs[id]?.job.origin?.parent, visit)
        case .removeJobVersion(let version):
            visit(.job(version.job))
            visit(.versionsOfJob(version.job))
        case .putNode(let node):
            visit(.nodes)
            visit(.node(node.id))
        case .removeNode(let id):
            visit(.nodes)
            visit(.node(id))
        case .putAllocation(let allocation):
            visit(.allocations)
            visit(.allocation(allocation.id))
            visit(.allocationsOfJob(allocation.job))
            visit(.allocationsOnNode(allocation.node))
        case .removeAllocation(let id):
            visit(.allocations)
            visit(.allocation(id))
            guard let allocation = before.allocations[id] else { return }
            visit(.allocationsOfJob(allocation.job))
            visit(.allocationsOnNode(allocation.node))
        case .putEvaluation(let evaluation):
            visit(.evaluations)
            visit(.evaluation(evaluation.id))
            visit(.evaluationsOfJob(evaluation.job))
        case .removeEvaluation(let id):
            visit(.evaluations)
            visit(.evaluation(id))
            if let job = before.evaluations[id]?.job { visit(.evaluationsOfJob(job)) }
        case .putKey(let record): touchedKept(.keys, .key(record.key), visit)
        case .removeKey(let key): touchedKept(.keys, .key(key), visit)
        case .putSecret(let record): touchedKept(.secrets, .secret(record.path), visit)
        case .removeSecret(let path): touchedKept(.secrets, .secret(path), visit)
        case .putSealed(let secret): visit(.secret(secret.path))
        case .removeSealed(let id): visit(.secret(id.path))
        case .putSchedulingRules: visit(.schedulingRules)
        case .putLaunch(let launch): visit(.job(launch.job))
        case .removeLaunch(let id): visit(.job(id))
        case .putDeployment(let deployment):
            visit(.deployments)
            visit(.deployment(deployment.id))
            visit(.deploymentsOfJob(deployment.job))
        case .removeDeployment(let id):
            visit(.deployments)
            visit(.deployment(id))
            if let job = before.deployments[id]?.job { visit(.deploymentsOfJob(job)) }
        case .putWorkItem(let item): touchedWork(item.key, visit)
        case .removeWorkItem(let key): touchedWork(key, visit)
        case .putScalingEvents(let history): visit(.scaling(history.job))
        // Nobody waits for that.
        case .putLongestLease: break
        }
    }

    private static func touchedJob(_ id: JobID, childOf parent: JobID?, _ visit: (Topic) -> Void) {
        visit(.jobs)
        visit(.job(id))
        visit(.versionsOfJob(id))
        if let parent { visit(.childrenOfJob(parent)) }
    }

    private static func touchedWork(_ key: WorkItemKey, _ visit: (Topic) -> Void) {
        visit(.queues)
        visit(.queue(key.queue))
        visit(.workItem(key))
    }

    private static func touchedKept(_ list: Topic, _ one: Topic, _ visit: (Topic) -> Void) {
        visit(list)
        visit(one)
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
