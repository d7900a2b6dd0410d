import ClusterClient
import ClusterKit

/// Deployments in Nomad's columns.
enum DeploymentText {
    static func table(_ deployments: [DeploymentWire], isVerbose: Bool) -> Table {
        Table(
            header: ["ID", "Job ID", "Job Version", "Status", "Description"],
            rows: deployments.sorted { ($1.createIndex, $0.id) < ($0.createIndex, $1.id) }.map {
                [AllocationTable.shown($0.id, isVerbose), $0.job, "\($0.version)", $0.status, $0.statusDescription]
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

/// Follows a deployment until it ends, and says what is new.
struct RolloutProgress {
    let client: ClusterClient
    let isVerbose: Bool
    let isSilent: Bool
    /// Whether it is also followed while it stands still.
    let isPatient: Bool
    /// Knows what was told of the allocations before.
    var monitor: Monitor

    init(
        client: ClusterClient, isVerbose: Bool, isSilent: Bool, isPatient: Bool = false, monitor: Monitor? = nil
    ) {
        self.client = client
        self.isVerbose = isVerbose
        self.isSilent = isSilent
        self.isPatient = isPatient
        self.monitor = monitor ?? Monitor(isVerbose: isVerbose)
    }

    /// Follows the deployment that belongs to a version of a job; `nil` when there is none.
    mutating func follow(since evaluation: EvaluationWire, namespace: String) async throws -> Ending? {
        // A later one may be there already: the return from what failed at once.
        let own = try await ServerProgress(client: client, namespace: namespace).deployment(since: evaluation)
        guard let own else { return nil }
        return try await follow(own.id)
    }

    /// Follows a deployment until it ends or, unless this is patient, nothing more comes of it by itself.
    mutating func follow(_ id: String) async throws -> Ending {
        var index = Revision.zero
        var rollout = RolloutMonitor(isVerbose: isVerbose)
        var standstill = Standstill(isVerbose: isVerbose)
        while true {
            let answer = try await client.deployment(id, ReadOptions(index: index, wait: .seconds(5)))
            index = answer.index
            let deployment = answer.value
            say(rollout.look(deployment))
            if !deployment.isActive { return deployment.status == "successful" ? .success : .failure }
            let options = ReadOptions(namespace: deployment.namespace ?? "default")
            let allocations = try await client.allocations(of: deployment.job, options).value
            say(monitor.troubles(of: allocations.filter { $0.createIndex >= deployment.createIndex }))
            if isPatient { continue }
            let evaluations = try await client.evaluations(of: deployment.job, options).value
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

    /// Lines about what changed since the last look.
    mutating func look(_ deployment: DeploymentWire) -> [String] {
        defer { last = deployment }
        let id = AllocationTable.shown(deployment.id, isVerbose)
        var lines: [String] = []
        if last == nil { lines.append("==> Deployment \"\(id)\" of version \(deployment.version)") }
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
