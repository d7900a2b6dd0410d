import ClusterKit

/// What really runs on the machines, whatever servers and agents believe. Written from the promises, not from the code.
extension World {
    /// A task starts: no other attempt of it runs, and nothing else of its name if that may run only once.
    func checkIsAlone(_ process: SimulatedMachine.Process, on number: Int) {
        let run = process.run
        for rival in agents[number].machine.processes.values where rival.exit == nil {
            guard rival.run.allocation == run.allocation, rival.run.task == run.task, rival.run != run else { continue }
            violate(
                "a task runs once",
                "attempt \(run.attempt) of \(run.task) of \(run.allocation.short) starts on node-\(number) "
                    + "beside attempt \(rival.run.attempt)")
        }
        guard let name = process.lease?.name else { return }
        for (other, agent) in agents.enumerated() {
            for rival in agent.machine.running where rival.lease?.name == name && rival.run.allocation != run.allocation
            {
                violate("at most one of a name runs", "\(name) starts on node-\(number) and runs on node-\(other)")
            }
        }
    }

    /// A task starts: all that runs there has room on the machine, and each port, core and device has one holder.
    func checkRoom(for process: SimulatedMachine.Process, on number: Int) {
        var holders: [AllocationID: AllocatedResources] = [:]
        for other in agents[number].machine.processes.values where other.exit == nil {
            holders[other.run.allocation] = other.holds
        }
        guard let mine = holders.removeValue(forKey: process.run.allocation) else { return }
        var sum = mine.total
        for (id, held) in holders.sorted(by: { $0.key < $1.key }) {
            sum += held.total
            let rivals = "\(process.run.allocation.short) starts on node-\(number) beside \(id.short)"
            let ports = Set(held.ports.map(\.value))
            if let port = mine.ports.first(where: { ports.contains($0.value) }) {
                violate("what runs shares no port", "\(rivals), which has port \(port.value)")
            }
            if !Set(mine.cores.values.joined()).isDisjoint(with: held.cores.values.joined()) {
                violate("what runs shares no core", rivals)
            }
            let devices = Set(held.devices.flatMap { device in device.instances.map { "\(device.name) \($0)" } })
            if mine.devices.contains(where: { one in one.instances.contains { devices.contains("\(one.name) \($0)") } })
            {
                violate("what runs shares no device", rivals)
            }
        }
        guard !sum.fits(in: agents[number].node.usable) else { return }
        violate(
            "what runs has room",
            "with \(process.run.allocation.short) \(sum.cpuMHz) MHz, \(sum.memoryMiB) MiB run on node-\(number)")
    }
}
