import ClusterKit

/// Tasks that run by a lease, and whoever watches over them: that outlives the agent and stands still with no one.
extension World {
    /// What a task begins with that may run only once; `nil` for all others.
    func lease(of run: TaskRun, in assignment: Assignment, on number: Int) -> SimulatedMachine.Lease? {
        let group = truth.job(of: assignment.allocation)?.group(assignment.allocation.group) ?? assignment.group
        if group?.atMostOne == true, assignment.allocation.fence == nil {
            violate("what may run only once has a lease", "\(assignment.allocation.name) on node-\(number) has none")
        }
        guard group?.atMostOne == true || assignment.allocation.fence != nil else { return nil }
        let grace = agents[number].clock.worldDelay(group?.task(run.task)?.killTimeout ?? .zero)
        return SimulatedMachine.Lease(
            name: assignment.allocation.name, end: agents[number].machine.leaseEnd, grace: grace)
    }

    func renewLeases(_ runs: some Collection<TaskRun>, until end: Uptime, on number: Int) {
        agents[number].machine.renew(runs, until: agents[number].clock.worldTime(of: end, at: now))
    }

    /// Looks at a lease when it seems to be over, at most a second late.
    func watchLease(of process: SimulatedMachine.Process, on number: Int) {
        guard let lease = process.lease else { return }
        later(
            max(.zero, lease.end - now) + .milliseconds(entropy.below(1000)),
            .leaseEnds(number, process.run, serial: process.serial))
    }

    func endLease(_ number: Int, _ run: TaskRun, serial: UInt64) {
        guard let process = agents[number].machine.processes[run], process.serial == serial, process.exit == nil,
            let lease = process.lease
        else { return }
        guard lease.end <= now else { return watchLease(of: process, on: number) }
        #if MUTANTS
            if Sabotage.active == .leaseBlindShim { return }
        #endif
        report.transitions["task ended by its lease", default: 0] += 1
        note("\(lease.name) \(run.task) on \(agents[number].node.name) ends with its lease")
        tell("the lease of \(lease.name) on node-\(number) is over")
        endedByLease.insert(run.allocation)
        let obeys = obeys(process)
        let lasts = obeys ? min(lease.grace, .milliseconds(1 + entropy.below(200))) : lease.grace
        later(lasts, .processEnds(number, run, serial: serial, ProcessEnd(code: obeys ? 0 : 137)))
    }
}
