import ClusterKit

/// The users of the simulated cluster: each has one job and asks for one thing after another.
struct Workload {
    /// How many jobs there are at most.
    static let jobs = 24

    /// What users ask for.
    enum Operation {
        case request(ServerRequest, kind: String)

        var kind: String { if case .request(_, let kind) = self { kind } else { "" } }
    }

    var statements: [Int: Job] = [:]

    /// The next thing that the user of job `number` asks for.
    mutating func next(for number: Int, in truth: Snapshot, using entropy: inout Entropy) -> (ServerRequest, String) {
        let id = JobID("job-\(number)")
        guard let job = statements[number] else {
            let job = makeJob(number, using: &entropy)
            statements[number] = job
            let kind = job.groups[0].gang == nil ? "register" : "register gang"
            return (.register(job, source: nil, ifUnchangedSince: nil), kind)
        }
        if let wish = nextOfParent(job, using: &entropy) { return wish }
        switch entropy.below(27) {
        case 0, 1:
            return (.scale(id, ScalingRequest(group: "main", count: entropy.below(7))), "scale")
        case 2, 3:
            var changed = job
            changed.groups[0].tasks[0].environment["VERSION"] = String(entropy.below(1000))
            statements[number] = changed
            return (.register(changed, source: nil, ifUnchangedSince: nil), "update")
        case 4:
            return (.register(job, source: nil, ifUnchangedSince: nil), "register again")
        case 5:
            var changed = job
            changed.groups[0].count = 1 + entropy.below(6)
            statements[number] = changed
            return (.register(changed, source: nil, ifUnchangedSince: nil), "resize")
        case 6:
            return (.stop(id, purge: entropy.below(3) == 0), "stop")
        case 7:
            guard let victim = pick(truth.allocations(of: id).filter(\.isLive), using: &entropy) else { fallthrough }
            return (.stopAllocation(victim.id), "stop allocation")
        case 8:
            return (.evaluate(id), "evaluate")
        case 22, 23:
            guard let (changed, kind) = restate(job, at: number, using: &entropy) else {
                return (.evaluate(id), "evaluate")
            }
            statements[number] = changed
            return (.register(changed, source: nil, ifUnchangedSince: nil), kind)
        case 24, 25, 26: return nextOfRare(of: job, in: truth, using: &entropy) ?? (.evaluate(id), "evaluate")
        case 9, 10, 11, 12: return nextOfOperator(in: truth, using: &entropy) ?? (.evaluate(id), "evaluate")
        default: return nextOfRollout(of: job, in: truth, using: &entropy) ?? (.evaluate(id), "evaluate")
        }
    }

    func pick<Element>(_ elements: [Element], using entropy: inout Entropy) -> Element? {
        elements.isEmpty ? nil : elements[entropy.below(elements.count)]
    }

    /// Mostly small, sometimes half a machine, rarely something for which only two machines are large enough.
    func makeResources(using entropy: inout Entropy) -> TaskResources {
        switch entropy.below(12) {
        case 0: TaskResources(cpuMHz: 1000, memoryMiB: 150_000)
        case 1, 2, 3: TaskResources(cpuMHz: 15_000 + entropy.below(15) * 1000, memoryMiB: 14_000)
        default: TaskResources(cpuMHz: 200 + entropy.below(8) * 400, memoryMiB: 128 + entropy.below(12) * 256)
        }
    }

    /// A name, a route and a check, which some jobs take to be good before it was made.
    private func makeService(of id: JobID, using entropy: inout Entropy) -> ServiceSpec {
        let initial = pick(["", "warning", "passing"], using: &entropy) ?? ""
        return ServiceSpec(
            name: id.id, portLabel: "http",
            tags: ["traefik.http.routers.\(id.id).rule=Host(`\(id.id).example.org`)"],
            checks: [
                CheckSpec(
                    name: "alive", kind: "tcp", interval: .seconds(5), timeout: .seconds(1), initialStatus: initial,
                    restartLimit: entropy.below(3) == 0 ? 1 + entropy.below(3) : 0, restartGrace: .seconds(1))
            ])
    }

    private func makeJob(_ number: Int, using entropy: inout Entropy) -> Job {
        let id = JobID("job-\(number)")
        let kind: JobKind = entropy.below(4) == 0 ? .batch : .service
        if let parent = makeParent(id, using: &entropy) { return parent }
        if entropy.below(6) == 0 { return makeGang(id, kind, using: &entropy) }
        var task = TaskSpec(
            name: "work", driver: "raw_exec", config: ["command": "work"],
            resources: makeResources(using: &entropy),
            killTimeout: .seconds(1 + entropy.below(5)))
        if kind == .service, entropy.below(3) == 0 {
            task.templates = [TemplateSpec(data: "{{ key \"words\" }}", destination: "local/words")]
        }
        let interval = Duration.seconds(60)
        let restart = RestartPolicy(
            attempts: entropy.below(3), interval: interval, delay: .seconds(1 + entropy.below(5)),
            mode: .fail)
        let reschedule = ReschedulePolicy(
            RescheduleRule(
                delay: .seconds(5 + entropy.below(6)),
                delayFunction: pick(DelayFunction.allCases, using: &entropy) ?? .constant,
                maxDelay: .seconds(40), unlimited: true))
        var group = TaskGroup(
            name: "main", count: 1 + entropy.below(6), tasks: [task], restart: restart, reschedule: reschedule,
            disk: EphemeralDisk(sizeMiB: 100), kind: kind)
        if entropy.below(3) == 0 {
            let fixed = entropy.below(2) == 0
            group.network = NetworkSpec(ports: [
                PortSpec(label: "http", number: fixed ? 8000 + entropy.below(4) : 0), PortSpec(label: "admin"),
            ])
            if kind == .service { group.services.append(makeService(of: id, using: &entropy)) }
        }
        if kind == .service, entropy.below(3) > 0 { group.update = makeUpdate(of: group.count, using: &entropy) }
        addSilence(to: &group, using: &entropy)
        if entropy.below(4) == 0 { group.constraints.append(Constraint("", .distinctHosts, "true")) }
        var job = Job(id: id, kind: kind, priority: 20 + entropy.below(6) * 10, groups: [group])
        elaborate(&job, at: number, using: &entropy)
        return job
    }
}
