import ClusterKit

/// What routes requests and answers DNS in a server's process: it follows the store and knows nothing else.
struct SimulatedEdge {
    private(set) var view = RegistryView()
    /// The routes that follow from the view, once somebody has asked for them.
    private var known: TagRouteTable?
    /// What was offered when the store fell silent; `nil` while it speaks.
    var offeredAtLoss: [String: Int]?

    /// Takes news of the store, unless it has fallen silent.
    mutating func take(_ element: FollowElement) {
        if offeredAtLoss == nil, view.take(element) { known = nil }
    }

    /// The routes that follow from what is known.
    mutating func table() -> TagRouteTable {
        let table = known ?? TagRouteTable(view.catalog)
        known = table
        return table
    }

    /// The store speaks again.
    mutating func regainSource(_ durable: Snapshot) {
        guard offeredAtLoss != nil else { return }
        offeredAtLoss = nil
        take(.resync(durable))
    }

    /// The store falls silent.
    mutating func loseSource() {
        guard offeredAtLoss == nil else { return }
        offeredAtLoss = Dictionary(
            uniqueKeysWithValues: view.catalog.names.map { ($0, view.catalog.offered($0).count) })
        if view.loseSource() { known = nil }
    }
}

/// Services, their health, and the clients who ask for them.
extension World {
    /// How often clients look at what they are offered.
    static let lookInterval = Duration.seconds(2)

    /// Clients look at every service, by name and by route.
    func clientsLook() {
        later(Self.lookInterval, .clientsLook)
        looks += 1
        // Asking the reference scheduler costs more than all that happens between two looks.
        if looks.isMultiple(of: 5) {
            checkReservations()
            checkLine()
            checkQueues()
        }
        if looks.isMultiple(of: 2) { checkLooks() }
        checkPromises()
        checkSilence()
        checkProgress()
        lookAtTemplates()
        guard let number = reachableServer else { return }
        mark(9, UInt64(number))
        let table = servers[number].edge.table()
        let edge = servers[number].edge
        for name in edge.view.catalog.names {
            let offered = edge.view.catalog.offered(name)
            if let before = edge.offeredAtLoss?[name] {
                if before > 0, offered.isEmpty {
                    violate(
                        "an error never empties a service", "\(name) had \(before) instances when the store fell silent"
                    )
                }
                continue
            }
            for instance in offered { check(instance, in: servers[number].durable) }
            checkRoute(to: name, table, offered)
        }
        if let lost = edge.offeredAtLoss {
            for name in lost.keys.sorted() where lost[name] ?? 0 > 0 && edge.view.catalog.offered(name).isEmpty {
                violate("an error never empties a service", "\(name) is gone since the store fell silent")
            }
        }
    }

    /// An instance is offered only while its allocation runs, under the epoch that placed it, and none of its checks
    /// fails.
    private func check(_ instance: ServiceInstance, in snapshot: Snapshot) {
        guard let allocation = snapshot.allocations[instance.allocation], allocation.desired == .run,
            allocation.client == .running, allocation.epoch == instance.epoch
        else {
            return violate("only what runs is offered", "\(instance.id) of \(instance.job) is offered")
        }
        if let failing = allocation.checks.first(where: { $0.health == .critical }) {
            violate("what fails is not offered", "\(instance.id) is offered though \(failing.name) says it fails")
        }
        checkIsWellKnown(instance, of: allocation)
    }

    /// A request for a service goes to an instance that is offered, or to none.
    private func checkRoute(to name: String, _ table: TagRouteTable, _ offered: [ServiceInstance]) {
        guard let route = table.route(for: RequestHead(host: "\(name).example.org", path: "/")) else { return }
        let targets = Set(route.targets.map(\.instance))
        if targets != Set(offered.map(\.id)) {
            violate("routes lead to what is offered", "\(name): \(targets.count) targets, \(offered.count) offered")
        }
    }

    /// A task is told to end because the servers want it to: nobody is sent to it any more.
    func checkWithdrawal(of run: TaskRun) {
        // Nobody gets an answer of a server that stands still.
        guard let number = reachableServer, !servers[number].isPaused, servers[number].edge.offeredAtLoss == nil,
            let allocation = truth.allocations[run.allocation], allocation.desired != .run
        else { return }
        let catalog = servers[number].edge.view.catalog
        for name in catalog.names
        where catalog.offered(name).contains(where: { $0.allocation == allocation.id }) {
            violate("out of rotation before it is told to stop", "\(allocation.name) is still offered as \(name)")
        }
    }

    private func process(of allocation: Allocation) -> SimulatedMachine.Process? {
        number(of: allocation.node).flatMap { agents[$0].machine.running(of: allocation.id) }
    }

    // MARK: - Health

    /// For how long after the last fault tasks become unwell: the cluster has to come to rest after that.
    private static let lastIllness = Duration.seconds(120)

    /// Some task that has a service becomes unwell, for a while; the last ones long after all faults have ended.
    func sicken() {
        let rest = restSince.map { $0 + Self.lastIllness - now }
        guard rest ?? .seconds(1) > .zero else { return }
        later(.milliseconds(entropy.below(20_000)), .sickens)
        let number = entropy.below(agents.count)
        let running = agents[number].machine.running
        guard !running.isEmpty else { return }
        let process = running[entropy.below(running.count)]
        agents[number].machine.setHealth(of: process.run, unwellSince: now)
        tell("\(process.run.allocation.short) on node-\(number) becomes unwell")
        let lasts = Duration.seconds(4 + entropy.below(entropy.below(4) == 0 ? 240 : 60))
        later(rest.map { min($0, lasts) } ?? lasts, .mends(number, process.run, serial: process.serial))
    }

    func turnUnwell(_ number: Int, _ run: TaskRun, serial: UInt64) {
        guard agents[number].machine.processes[run]?.serial == serial else { return }
        agents[number].machine.setHealth(of: run, unwellSince: now)
        note("\(run.task) on \(agents[number].node.name) becomes unwell")
    }

    func mend(_ number: Int, _ run: TaskRun, serial: UInt64) {
        guard let process = agents[number].machine.processes[run], process.serial == serial else { return }
        let isKnown = truth.allocations[run.allocation]?.checks.contains { $0.health == .critical } ?? false
        if process.unwellSince != nil, isKnown { report.outcomes["illness known", default: 0] += 1 }
        agents[number].machine.setHealth(of: run, unwellSince: nil)
    }

    /// What a check finds: the task's own state, whatever anyone believes of it, and now and then a mistake.
    func answer(to check: CheckID, on number: Int) -> ProbeOutcome {
        guard let process = agents[number].machine.running(of: check.allocation)
        else { return ProbeOutcome(.critical, "connection refused") }
        if process.unwellSince != nil { return ProbeOutcome(.critical, "unwell") }
        guard !isSettling, entropy.below(1000) < roughness.failingPerMille / 4 else {
            return ProbeOutcome(.passing, "ok")
        }
        return ProbeOutcome(entropy.below(3) == 0 ? .warning : .critical, "too slow")
    }

    // MARK: - At rest

    /// Once the cluster rests, what runs and is well is offered.
    func checkServicesAtRest() {
        guard let number = reachableServer else { return }
        let catalog = servers[number].edge.view.catalog
        for allocation in servers[number].durable.allocations.sorted where allocation.isLive {
            guard let group = servers[number].durable.job(of: allocation)?.group(allocation.group),
                let process = process(of: allocation), process.unwellSince == nil, allocation.client == .running,
                // Before that it is not known yet.
                now - process.start > .seconds(5),
                // Whose time is over is offered no more while it ends.
                let agent = self.number(of: allocation.node),
                agents[agent].core.record(allocation.id)?.expired == nil
            else { continue }
            for service in group.services
            where !catalog.offered(service.name).contains(where: { $0.allocation == allocation.id }) {
                let known = allocation.checks.map { "\($0.health.rawValue): \($0.output)" }.joined(separator: ", ")
                violate(
                    "what runs and is well is offered",
                    "\(allocation.name) \(allocation.id.short) on \(allocation.nodeName) is not offered as "
                        + "\(service.name); known: \(known.isEmpty ? "nothing" : known)")
            }
        }
    }
}
