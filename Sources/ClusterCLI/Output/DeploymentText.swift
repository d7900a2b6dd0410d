import ClusterClient
import ClusterKit

/// Deployments in Nomad's columns.
enum DeploymentText {
    /// The namespace has a column when they are of more than one.
    static func table(_ deployments: [DeploymentWire], isVerbose: Bool) -> Table {
        let isMixed = Set(deployments.map { $0.namespace ?? "default" }).count > 1
        return Table(
            header: ["ID"] + (isMixed ? ["Namespace"] : []) + ["Job ID", "Job Version", "Status", "Description"],
            rows: deployments.sorted { ($1.createIndex, $0.id) < ($0.createIndex, $1.id) }.map {
                [AllocationTable.shown($0.id, isVerbose)] + (isMixed ? [$0.namespace ?? "default"] : [])
                    + [$0.job, "\($0.version)", $0.status, $0.statusDescription]
            })
    }

    static func text(_ deployment: DeploymentWire, isVerbose: Bool) -> String {
        let head = Table.pairs([
            ("ID", AllocationTable.shown(deployment.id, isVerbose)), ("Job ID", deployment.job),
            ("Job Version", "\(deployment.version)"), ("Status", deployment.status),
            ("Description", deployment.statusDescription),
        ])
        return Section.text([Section(title: "", body: head), Section(title: "Deployed", body: groups(deployment).text)])
    }

    static func groups(_ deployment: DeploymentWire) -> Table {
        let groups = (deployment.groups ?? [:]).sorted { $0.key < $1.key }
        let hasCanaries = groups.contains { $0.value.canaries > 0 }
        return Table(
            header: ["Task Group"] + (hasCanaries ? ["Promoted", "Desired", "Canaries"] : ["Desired"])
                + ["Placed", "Healthy", "Unhealthy", "Progress Deadline"],
            rows: groups.map { name, group in
                let promoted = group.canaries > 0 ? "\(group.promoted)" : "N/A"
                let numbers = [group.placed, group.healthy, group.unhealthy].map { "\($0)" }
                let deadline =
                    group.requireProgressBy.map { $0.hasPrefix("0001") ? "N/A" : TimeText.point($0) } ?? "N/A"
                return [name]
                    + (hasCanaries ? [promoted, "\(group.desired)", "\(group.canaries)"] : ["\(group.desired)"])
                    + numbers + [deadline]
            })
    }
}

extension DeploymentWire {
    /// How whoever watches it ends, once it is over.
    var ending: Ending { status == "successful" ? .success : .failure }
}

/// Follows a deployment until it ends, and says what is new.
struct RolloutProgress {
    let client: ClusterClient
    let isVerbose: Bool
    let isSilent: Bool
    /// Whether it is also followed while it stands still.
    let isPatient: Bool
    /// Knows what was told of the allocations before.
    var monitor: Monitor
    private var complaints: Complaints
    private let patience = Patience()

    init(
        client: ClusterClient, isVerbose: Bool, isSilent: Bool, isPatient: Bool = false, monitor: Monitor? = nil
    ) {
        self.client = client
        self.isVerbose = isVerbose
        self.isSilent = isSilent
        self.isPatient = isPatient
        self.monitor = monitor ?? Monitor(isVerbose: isVerbose)
        complaints = Complaints(isVerbose: isVerbose)
    }

    /// Follows the deployment that belongs to a version of a job; `nil` when there is none.
    mutating func follow(since evaluation: EvaluationWire, namespace: String) async throws -> Ending? {
        // A later one may be there already: the return from what failed at once.
        let own = try await ServerProgress(client: client, namespace: namespace).deployment(since: evaluation)
        guard let own else { return nil }
        return try await follow(own.id)
    }

    /// Follows a deployment until it ends or, unless this is patient, nothing more comes of it by itself.
    ///
    /// Where its end begins another one that takes the job back, that is followed too; it has failed all the same.
    mutating func follow(_ id: String) async throws -> Ending {
        let outcome = try await follow(one: id)
        guard outcome == .failure, let next = try await returning(from: id) else { return outcome }
        say(["==> The job goes back:"])
        _ = try await follow(one: next.id)
        return outcome
    }

    /// The deployment that takes the job back after another one.
    private func returning(from id: String) async throws -> DeploymentWire? {
        let failed = try await deployment(id).value
        guard failed.statusDescription.contains("rolling back to job version") else { return nil }
        let options = ReadOptions(namespace: failed.namespace ?? "default")
        // It begins with the first look at the job, moments later; where nothing has to be replaced, there is none.
        for _ in 0..<10 {
            let all = try await patience.ask { try await client.deployments(of: failed.job, options).value }
            let later = all.filter { $0.createIndex > failed.createIndex }
            if let next = later.min(by: { $0.createIndex < $1.createIndex }) { return next }
            try await Task.sleep(for: .milliseconds(300))
        }
        return nil
    }

    private func deployment(_ id: String, after index: Revision = .zero) async throws -> Answer<DeploymentWire> {
        try await patience.ask { try await client.deployment(id, ReadOptions(index: index, wait: .seconds(5))) }
    }

    private mutating func follow(one id: String) async throws -> Ending {
        var index = Revision.zero
        var rollout = RolloutMonitor(isVerbose: isVerbose)
        var standstill = Standstill(isVerbose: isVerbose)
        while true {
            let answer = try await deployment(id, after: index)
            index = answer.index
            let deployment = answer.value
            let options = ReadOptions(namespace: deployment.namespace ?? "default")
            let all = try await patience.ask { try await client.allocations(of: deployment.job, options).value }
            let own = all.filter { $0.createIndex >= deployment.createIndex }
            var troubles = monitor.troubles(of: own)
            troubles += complaints.look(own, checks: isSilent ? [:] : await client.complaints(of: own))
            say(rollout.look(deployment, troubles))
            if !deployment.isActive { return deployment.ending }
            if isPatient { continue }
            let evaluations = try await patience.ask { try await client.evaluations(of: deployment.job, options).value }
            if let found = standstill.look(deployment, evaluations) {
                say(found.lines)
                return found.outcome
            }
        }
    }

    private func say(_ lines: [String]) {
        if !isSilent { for line in lines { Terminal.say(line) } }
    }
}

/// Understands how a deployment goes on: takes one look after the other, and says what is new.
struct RolloutMonitor {
    let isVerbose: Bool
    private var last: DeploymentWire?

    init(isVerbose: Bool = false) { self.isVerbose = isVerbose }

    /// Lines about what changed since the last look; `troubles` are lines about its instances.
    mutating func look(_ deployment: DeploymentWire, _ troubles: [String] = []) -> [String] {
        defer { last = deployment }
        let id = AllocationTable.shown(deployment.id, isVerbose)
        var lines: [String] = []
        if last == nil { lines.append("==> Deployment \"\(id)\" of version \(deployment.version)") }
        lines += troubles
        for (name, group) in (deployment.groups ?? [:]).sorted(by: { $0.key < $1.key }) {
            let old = last?.groups?[name]
            guard old?.healthy != group.healthy || old?.unhealthy != group.unhealthy || old?.placed != group.placed
            else { continue }
            let unwell = group.unhealthy > 0 ? ", \(group.unhealthy) unhealthy" : ""
            lines.append(
                "    Group \"\(name)\": \(group.placed) placed, \(group.healthy) of \(group.desired) healthy\(unwell)")
        }
        if last?.statusDescription != deployment.statusDescription {
            lines.append("    \(deployment.statusDescription)")
            if deployment.needsPeopleToPromote {
                lines.append("    Once the canaries are good: cluster deployment promote \(id)")
            }
        }
        if !deployment.isActive {
            lines.append("==> Deployment \"\(id)\" \(deployment.status)")
        }
        return lines
    }
}
