import Logging

/// What may not begin beside something that still ends.
///
/// Servers count the room of an allocation as free once they give it up with its lost node, or forget it. On a machine
/// that was only cut off its tasks still run then, and go on for as long as they take to stop once the agent is back.
/// What is placed in their room waits for them. What ends on an order holds its room at the servers until its end is
/// confirmed, so roll-outs wait for nothing here.
extension AgentCore {
    /// Has an allocation of which nothing was started wait until it is known to have room.
    mutating func awaitRoom(_ id: AllocationID) {
        allocations[id]?.awaitsRoom = true
        crowded.insert(id)
    }

    /// Lets begin what has room, and forgets what no longer waits.
    mutating func grantRoom(_ turn: inout AgentTurn) {
        for id in crowded.sorted() {
            guard let allocation = allocations[id], !allocation.record.hasEnded else {
                crowded.remove(id)
                continue
            }
            guard hasRoom(for: allocation.record) else {
                allocations[id]?.sayItWaits(&turn)
                continue
            }
            crowded.remove(id)
            allocations[id]?.takeRoom(&turn)
        }
    }

    /// Whether an allocation takes nothing that others have which end.
    private func hasRoom(for record: AllocationRecord) -> Bool {
        let wanted = record.assignment.allocation.resources
        var free = node.usable
        var someoneEnds = false
        for (id, other) in allocations where id != record.id && !other.record.hasEnded && !other.awaitsRoom {
            let held = other.record.assignment.allocation.resources
            free = free.less(held.total)
            guard other.isEnding else { continue }
            if wanted.shares(with: held) { return false }
            someoneEnds = true
        }
        // Where nobody ends, it is for the servers to say what runs beside each other.
        return !someoneEnds || wanted.total.fits(in: free)
    }
}

extension AllocationCore {
    /// Says once that others have to end first.
    fileprivate mutating func sayItWaits(_ turn: inout AgentTurn) {
        guard !isKnownToWait else { return }
        isKnownToWait = true
        say(.notice, "waits until others have ended whose room it takes", &turn)
    }

    /// Begins, now that there is room.
    fileprivate mutating func takeRoom(_ turn: inout AgentTurn) {
        awaitsRoom = false
        proceed(&turn)
        if !turn.afterPersist.isEmpty { commit(&turn) }
    }
}

extension AllocatedResources {
    /// Whether both hold the same port, core or device.
    fileprivate func shares(with other: Self) -> Bool {
        if ports.contains(where: { port in other.ports.contains { $0.value == port.value } }) { return true }
        if !cores.isEmpty, !other.cores.isEmpty,
            !Set(cores.values.joined()).isDisjoint(with: other.cores.values.joined())
        {
            return true
        }
        return devices.contains { device in
            other.devices.contains {
                $0.name == device.name && !Set($0.instances).isDisjoint(with: device.instances)
            }
        }
    }
}

extension Resources {
    /// What is left; amounts that no machine has do not stop the agent.
    fileprivate func less(_ other: Self) -> Self {
        Resources(
            cpuMHz: cpuMHz &- other.cpuMHz, memoryMiB: memoryMiB &- other.memoryMiB, diskMiB: diskMiB &- other.diskMiB)
    }
}
