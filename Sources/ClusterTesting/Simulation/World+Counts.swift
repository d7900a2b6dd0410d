import ClusterKit

/// What was really done to the cluster, and what came of it.
extension World {
    /// Counts what a user or a worker asked for, once that is answered.
    func count(_ result: Result<ServerReply, ClusterError>, of kind: String) {
        switch result {
        case .success: report.operations[kind, default: 0] += 1
        case .failure: report.refusals[kind, default: 0] += 1
        }
    }

    /// Counts a change that became durable.
    func count(_ change: Change) {
        report.transitions[change.kind, default: 0] += 1
        switch change {
        case .putJob(let record) where record.version == 0 && truth.jobs[record.job.id]?.isFirst == true:
            for kind in record.job.kinds where record.job.origin == nil { report.jobs[kind, default: 0] += 1 }
        case .putDeployment(let deployment)
        where deployment.status == .failed && deployment.statusDescription.contains("rolling back to job version")
            && !deployment.statusDescription.contains("not rolling back"):
            report.transitions["deployment reverted", default: 0] += 1
        default: break
        }
    }
}

extension JobRecord {
    /// Whether nothing but its registration was said of it yet.
    fileprivate var isFirst: Bool { !stopped && modifyRevision == createRevision }
}

extension Job {
    /// What is to be seen of it in statistics.
    fileprivate var kinds: [String] {
        var kinds = [kind.rawValue]
        if periodic != nil { kinds.append("periodic") }
        if (periodic?.crons.count ?? 0) > 1 { kinds.append("several crons") }
        if parameterized != nil { kinds.append("parameterized") }
        if groups.count > 1 { kinds.append("several groups") }
        if !constraints.isEmpty { kinds.append("constraints of the job") }
        kinds += after.map { "after a job is \($0.state.rawValue)" }
        if nodePool != "default" { kinds.append("another pool") }
        if datacenters != ["*"] { kinds.append("one datacenter") }
        for group in groups {
            if group.gang != nil { kinds.append("gang") }
            if group.atMostOne { kinds.append("at most one") }
            if let policy = group.disconnect {
                if policy.stopOnClientAfter != nil { kinds.append("stops itself in silence") }
                if policy.lostAfter != nil {
                    kinds.append(policy.replaces ? "replaced in silence" : "awaited in silence")
                }
                if policy.lostAfter != nil, policy.replaces { kinds.append("returns by \(policy.choice.rawValue)") }
            }
            if let update = group.update {
                kinds.append(
                    update.canary == 0 ? "rolling" : update.canary == group.count ? "blue and green" : "canary")
            }
            if !group.services.isEmpty { kinds.append("service with checks") }
            if group.tasks.contains(where: { !$0.templates.isEmpty }) { kinds.append("templates") }
            if group.network != nil { kinds.append("ports") }
            kinds += group.rarities
        }
        return Array(Set(kinds)).sorted()
    }
}

extension TaskGroup {
    /// What only some groups have.
    fileprivate var rarities: [String] {
        var kinds = tasks.compactMap(\.lifecycle).map { ($0.isSidecar ? "sidecar of " : "") + $0.hook.rawValue }
        if tasks.count(where: { $0.lifecycle == nil }) > 1 { kinds.append("several main tasks") }
        if tasks.contains(where: \.isLeader) { kinds.append("leader") }
        if tasks.contains(where: { $0.resources.cores > 0 }) { kinds.append("cores of its own") }
        if tasks.contains(where: { !$0.resources.devices.isEmpty }) { kinds.append("devices") }
        if !after.isEmpty { kinds.append("after a group") }
        if !nodePools.isEmpty { kinds.append("one pool before another") }
        if !volumes.isEmpty { kinds.append("volumes") }
        if shutdownDelay > .zero { kinds.append("shutdown_delay") }
        if migrate != nil { kinds.append("migrate") }
        if services.contains(where: { $0.checks.contains { $0.restartLimit > 0 } }) { kinds.append("check_restart") }
        if network?.ports.contains(where: { $0.number > 0 }) == true { kinds.append("static ports") }
        if runLimit != nil { kinds.append("max_run_duration") }
        if restart.mode == .delay { kinds.append("restart mode delay") }
        if !reschedule.rule.unlimited { kinds.append("limited rescheduling") }
        if !reschedule.causes.isEmpty { kinds.append("a rule for a cause") }
        if reschedule.causes[.node] != nil { kinds.append("a rule for lost nodes") }
        if !affinities.isEmpty { kinds.append("affinity") }
        if !spreads.isEmpty { kinds.append("spread") }
        kinds += constraints.map(\.comparison.rawValue).map { $0.hasPrefix("distinct") ? $0 : "constraints" }
        return kinds
    }
}

extension Change {
    /// The kind of transition, as statistics name it.
    fileprivate var kind: String {
        switch self {
        case .putJob(let record): record.stopped ? "job stopped" : "job changed"
        case .removeJob: "job purged"
        case .removeJobVersion: "job version removed"
        case .putNode(let node): "node \(node.status.rawValue)"
        case .removeNode: "node removed"
        case .putAllocation(let allocation): "allocation \(allocation.desired.rawValue)/\(allocation.client.rawValue)"
        case .removeAllocation: "allocation removed"
        case .putEvaluation(let evaluation): "evaluation \(evaluation.status.rawValue)"
        case .removeEvaluation: "evaluation removed"
        case .putKey(let record): "key \(record.key)"
        case .removeKey(let key): "key \(key) removed"
        case .putSecret(let record): "secret \(record.path)"
        case .removeSecret(let path): "secret \(path) removed"
        case .putSealed(let sealed): "sealed \(sealed.path) \(sealed.version)"
        case .removeSealed(let id): "sealed \(id.path) \(id.version) removed"
        case .putSchedulingRules(let rules): "scheduling rules: \(rules.algorithm.rawValue)"
        case .putDeployment(let deployment):
            "deployment \(deployment.status.rawValue)"
        case .putLaunch: "launch of a periodic job"
        case .removeLaunch: "launches of a periodic job removed"
        case .removeDeployment: "deployment removed"
        case .putWorkItem(let item): "item of work \(item.state.rawValue)"
        case .removeWorkItem: "item of work removed"
        case .putScalingEvents: "scaling event"
        case .putLongestLease: "longest lease"
        }
    }
}

extension ChangeBatch {
    /// A number that two batches share only if they say the same.
    var digest: UInt64 {
        let bytes = encoded
        return bytes.withUnsafeBytes { buffer in
            var sum: UInt64 = 0xCBF2_9CE4_8422_2325
            var place = 0
            while place + 8 <= buffer.count {
                sum = (sum ^ buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x0000_0100_0000_01B3
                sum ^= sum >> 29
                place += 8
            }
            for byte in buffer[place...] { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            return sum
        }
    }
}
