import ClusterKit

/// Steps of agents that fail now and then, and what their tasks tell.
extension World {
    /// Whether a step of an agent fails this time.
    func fails(_ mishap: String, perMille: Int = 4) -> Bool {
        guard !isSettling, !options.isCalm, entropy.below(1000) < perMille else { return false }
        report.faults[mishap, default: 0] += 1
        tell("mishap: \(mishap)")
        return true
    }

    /// Does what an agent asks for with folders and files.
    func provide(_ effect: AgentEffect, on number: Int) {
        switch effect {
        case .prepare(let assignment):
            let id = assignment.allocation.id
            guard fails("folders not made") else { return hear(number, .prepared(id), within: 5) }
            hear(number, .preparationFailed(id, "no space is left", .disk), within: 5)
        case .render(let run, let assignment):
            guard !options.isCalm else { return renderTemplates(of: run, assignment, on: number) }
            guard fails("files not made", perMille: 10) else { return hear(number, .rendered(run), within: 5) }
            // With one of its tasks an instance ends its others.
            lives.ended(run, wellBehaved: false)
            hear(number, .templatesFailed(run, "the words are not there"), within: 5)
        case .collect(let id):
            guard !fails("folders not removed") else {
                return hear(number, .collectionFailed(id, "a file is in use"), within: 5)
            }
            note("\(agents[number].node.name) removes the folders of \(chronicle.name(of: id))")
            hear(number, .collected(id), within: 5)
        case .remember(let stamp): agents[number].machine.disk.remember(stamp, at: now)
        case .persist(let record):
            guard fails("record not kept", perMille: 1) else {
                return agents[number].machine.disk.keep(record, at: now)
            }
            hear(number, .journalFailed(record.id, "no space is left"), within: 1)
        case .forget(let id): agents[number].machine.disk.forget(id, at: now)
        default: break
        }
    }

    /// Makes a check, whose answer comes late when it does not come in time.
    func probe(_ run: CheckRun, timeout: Duration, on number: Int) {
        let isLate = fails("check out of time")
        let outcome = isLate ? ProbeOutcome(.critical, "no answer in time") : answer(to: run.check, on: number)
        noteAnswer(outcome, of: run.check)
        guard isLate else { return hear(number, .probed(run, outcome), within: 50) }
        later(timeout, .agentHears(number, life: agents[number].life, .probed(run, outcome)))
    }

    /// Some task tells how its work stands.
    func taskTells() {
        guard !isSettling else { return }
        later(.milliseconds(entropy.below(20_000)), .taskTells)
        let number = entropy.below(agents.count)
        let running = agents[number].machine.running
        guard !running.isEmpty else { return }
        let id = running[entropy.below(running.count)].run.allocation
        report.outcomes["work told", default: 0] += 1
        let work = WorkStatus(
            isBusy: entropy.below(2) == 0, progress: Double(entropy.below(100)) / 100,
            keepCost: Double(entropy.below(100)), time: clocks(of: number).wall)
        tellAgent(number, agents[number].life, .worked(id, work))
    }

    /// A machine is described anew: someone wrote other words about it.
    func describe(_ number: Int) {
        agents[number].node.meta["shift"] = String(entropy.below(1000))
        tellAgent(number, agents[number].life, .described(agents[number].node))
    }
}
