/// What a dispatch gives to a parameterized job.
public struct DispatchOrder: Hashable, Sendable {
    /// Bytes that the tasks find in a file.
    public var payload: [UInt8]
    /// Words that the tasks find in their environment.
    public var meta: [String: String]
    /// A word by which a repeated order is recognized: it gives the job that the first one made.
    public var idempotencyToken: String
    /// Stands in the name of the new job.
    public var namePrefix: String
    /// The priority of the new job, from 1 to 100; `nil` for that of the parameterized one.
    public var priority: Int?

    /// The most bytes that a dispatch carries, as in Nomad.
    public static let payloadLimit = 16_384

    /// States what is given.
    public init(
        payload: [UInt8] = [], meta: [String: String] = [:], idempotencyToken: String = "", namePrefix: String = "",
        priority: Int? = nil
    ) {
        self.payload = payload
        self.meta = meta
        self.idempotencyToken = idempotencyToken
        self.namePrefix = namePrefix
        self.priority = priority
    }
}

/// Parameterized jobs: each dispatch makes a job of its own.
extension ServerCore {
    /// Makes a child with the words and bytes that a dispatch gives.
    mutating func dispatch(
        _ id: JobID, _ order: DispatchOrder, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let parent = try record(of: id)
        guard let spec = parent.job.parameterized else {
            throw ClusterError(.invalid, "job \(id) is not parameterized; run it instead of dispatching it")
        }
        try requireGoing(parent)
        try spec.check(order)
        if !order.idempotencyToken.isEmpty, let known = child(of: id, with: order.idempotencyToken) {
            var receipt = Receipt(jobModifyRevision: known.jobModifyRevision, revision: head.revision)
            receipt.job = known.job.id
            return receipt
        }
        let prefix = order.namePrefix.isEmpty ? "" : order.namePrefix + "-"
        let second = Int(now.wall.nanoseconds).split(by: 1_000_000_000).whole
        let name = "\(id.id)/dispatch-\(prefix)\(second)-"
        if let mistake = JobNames.mistake(inJobID: name) {
            throw ClusterError(.invalid, "the new job cannot be called \(name.quotedForDisplay): it \(mistake)")
        }
        var child = JobID(name, namespace: id.namespace)
        repeat { child.id = name + entropy.identifier(of: Job.self).short } while head.jobs[child] != nil
        var record = makeChild(child, of: parent.job, at: now)
        record.job.meta.merge(order.meta) { _, given in given }
        if let priority = order.priority { record.job.priority = priority }
        record.job.origin?.payload = Base64.encode(order.payload)
        record.job.origin?.idempotencyToken = order.idempotencyToken
        record.job.origin?.isDispatched = true
        return try begin(record, .jobRegister, at: now, using: &entropy, into: &effects)
    }

    private func child(of parent: JobID, with token: String) -> JobRecord? {
        #if MUTANTS
            if Sabotage.active == .forgottenToken { return nil }
        #endif
        return head.children(of: parent).first { $0.job.origin?.idempotencyToken == token }
    }
}

extension ParameterizedSpec {
    /// Refuses an order that gives something else than is asked for.
    fileprivate func check(_ order: DispatchOrder) throws(ClusterError) {
        switch payload {
        case .required where order.payload.isEmpty:
            throw ClusterError(.invalid, "Payload is not provided but required by parameterized job")
        case .forbidden where !order.payload.isEmpty:
            throw ClusterError(.invalid, "Payload provided but forbidden by parameterized job")
        default: break
        }
        guard order.payload.count <= DispatchOrder.payloadLimit else {
            throw ClusterError(
                .invalid, "Payload exceeds maximum size; \(order.payload.count) > \(DispatchOrder.payloadLimit) bytes")
        }
        if let priority = order.priority, !(1...100).contains(priority) {
            throw ClusterError(.invalid, "the priority of a dispatch must lie in 1...100, it is \(priority)")
        }
        let known = Set(requiredMeta + optionalMeta)
        let strange = order.meta.keys.filter { !known.contains($0) }.sorted()
        guard strange.isEmpty else {
            throw ClusterError(
                .invalid, "Dispatch request included unpermitted metadata keys: \(strange.joined(separator: ", "))")
        }
        let missing = requiredMeta.filter { order.meta[$0] == nil }.sorted()
        guard missing.isEmpty else {
            throw ClusterError(
                .invalid, "Dispatch did not provide required meta keys: \(missing.joined(separator: ", "))")
        }
        let broken = order.meta.filter { $0.value.utf8.contains(0) }.keys.sorted()
        guard broken.isEmpty else {
            throw ClusterError(.invalid, "meta must not hold NUL: \(broken.joined(separator: ", "))")
        }
    }
}
