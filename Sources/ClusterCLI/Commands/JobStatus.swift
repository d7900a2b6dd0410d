import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job status`
struct JobStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows all jobs, or one with its allocations.")

    @Argument(help: "A job, or the beginning of its identifier; all jobs without.")
    var job: String?

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers, and evaluations.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            guard let job else { return try await list(client) }
            let found = try await client.findJob(job, connection)
            let options = ReadOptions(namespace: found.namespace ?? "default")
            let facts = JobFacts(
                job: try await client.job(found.id, options), summary: try await client.summary(of: found.id, options),
                allocations: try await client.allocations(of: found.id, options),
                evaluations: try await client.evaluations(of: found.id, options),
                deployment: try await client.newestDeployment(of: found.id, options))
            if connection.json { return Terminal.write(JSONText.indented(facts.json)) }
            if facts.isParent {
                var options = options
                options.prefix = found.id + "/"
                let children = try await client.jobs(options).value.filter { $0.parent == found.id }
                return Terminal.say(facts.text(children: children))
            }
            let health = await client.health(of: facts.allocations.value)
            Terminal.say(facts.text(isVerbose: verbose, health: health))
        }
    }

    private func list(_ client: ClusterClient) async throws {
        let answer = try await client.jobs(connection.options())
        if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
        if answer.value.isEmpty { return Terminal.say("No jobs; start one with: cluster job run FILE") }
        Terminal.say(Self.table(answer.value, withNamespace: connection.isOfAllNamespaces).text)
    }

    static func table(_ jobs: [JobListItem], withNamespace: Bool = false) -> Table {
        Table(
            header: ["ID"] + (withNamespace ? ["Namespace"] : []) + ["Type", "Priority", "Status", "Submit Date"],
            rows: jobs.sorted { ($0.id, $0.namespace ?? "") < ($1.id, $1.namespace ?? "") }.map {
                [$0.id] + (withNamespace ? [$0.namespace ?? "default"] : [])
                    + [$0.shownType, "\($0.priority)", $0.shownStatus, TimeText.point($0.submitTime ?? 0)]
            })
    }
}

extension JobListItem {
    /// The status, and whether somebody stopped it.
    fileprivate var shownStatus: String { stop ? status + " (stopped)" : status }
}

/// All that the status of one job shows.
struct JobFacts {
    var job: Answer<JobHead>
    var summary: Answer<JobSummaryWire>
    var allocations: Answer<[AllocationWire]>
    var evaluations: Answer<[EvaluationWire]>
    var deployment: Answer<DeploymentWire?>

    /// In the shape of Nomad's own command: a list of one object.
    var json: [UInt8] {
        JSONText.list([
            JSONText.object([
                ("Summary", summary.body), ("Allocations", allocations.body), ("LatestDeployment", deployment.body),
                ("Evaluations", evaluations.body),
            ])
        ])
    }

    /// For people; `health` is that of the instances that were asked for it.
    func text(isVerbose: Bool, health: [String: String] = [:], now: Int64 = TimeText.now) -> String {
        var sections = [Section(title: "", body: head), Section(title: "Summary", body: counts.text)]
        if isVerbose, !evaluations.value.isEmpty {
            sections.append(Section(title: "Evaluations", body: evaluationTable.text))
        }
        if let refused = unplaced {
            sections.append(Section(title: Self.title(of: refused), body: RefusalText.text(refused)))
        }
        if let newest = deployment.value {
            let id = AllocationTable.shown(newest.id, isVerbose)
            let head = Table.pairs([
                ("ID", id), ("Status", newest.status), ("Description", newest.statusDescription),
            ])
            sections.append(Section(title: "Latest Deployment", body: head))
            sections.append(Section(title: "Deployed", body: DeploymentText.groups(newest).text))
        }
        if let waits { sections.append(Section(title: "Waiting", body: waits.text)) }
        let table = AllocationTable.table(allocations.value, isVerbose: isVerbose, health: health, now: now)
        sections.append(
            Section(title: "Allocations", body: allocations.value.isEmpty ? "No allocations placed" : table.text))
        return Section.text(sections)
    }

    private var head: String {
        let job = job.value
        return Table.pairs([
            ("ID", job.id), ("Name", job.name), ("Submit Date", TimeText.point(job.submitTime ?? 0)),
            ("Type", job.type), ("Priority", "\(job.priority)"),
            ("Datacenters", (job.datacenters ?? []).joined(separator: ",")), ("Namespace", job.namespace ?? "default"),
            ("Status", job.stop ? job.status + " (stopped)" : job.status), ("Version", "\(job.version)"),
            ("Job Modify Index", "\(job.jobModifyIndex)"),
        ])
    }

    private var counts: Table {
        Table(
            header: ["Task Group", "Queued", "Starting", "Running", "Failed", "Complete", "Lost", "Unknown"],
            rows: summary.value.groups.sorted { $0.key < $1.key }.map { group, count in
                let counts = [
                    count.queued, count.starting, count.running, count.failed, count.complete, count.lost,
                    count.unknown ?? 0,
                ]
                return [group] + counts.map { "\($0)" }
            })
    }

    private var evaluationTable: Table {
        Table(
            header: ["ID", "Priority", "Triggered By", "Status", "Placement Failures"],
            rows: evaluations.value.sorted { ($1.createIndex, $0.id) < ($0.createIndex, $1.id) }.map {
                [$0.id, "\($0.priority)", $0.trigger, $0.status, $0.refusals?.isEmpty == false ? "true" : "false"]
            })
    }

    /// What holds up those that have a place and do not run yet, by the newest thing that happened to each task.
    private var waits: Table? {
        let pending = allocations.value.filter { $0.clientStatus == "pending" && $0.desiredStatus == "run" }
        let rows = AllocationTable.newestFirst(pending).flatMap { allocation in
            (allocation.tasks ?? [:]).sorted { $0.key < $1.key }.compactMap { task, state in
                state.events?.last.map {
                    [AllocationTable.shown(allocation.id), task, AllocationText.line($0.message)]
                }
            }
        }
        return rows.isEmpty ? nil : Table(header: ["ID", "Task", "Reason"], rows: rows)
    }

    /// Why instances have no place, by the newest evaluation that says it while some do.
    private var unplaced: [String: RefusalWire]? {
        guard summary.value.groups.values.contains(where: { $0.queued > 0 }) else { return nil }
        let refused = evaluations.value.filter { $0.refusals?.isEmpty == false }
        return refused.max { $0.modifyIndex < $1.modifyIndex }?.refusals
    }

    /// What stands over `refusals`: that other work has not come far enough is no failure.
    static func title(of refusals: [String: RefusalWire]) -> String {
        refusals.values.allSatisfy(\.isHeld) ? "Waiting for other work" : "Placement Failure"
    }
}
