import Logging

/// How full the file system is that holds the folders of allocations.
package struct DiskFill: Hashable, Sendable {
    /// The used part of the bytes, in percent.
    package var bytes: Double
    /// The used part of the entries, in percent; zero where the file system does not count them.
    package var inodes: Double

    /// States how full it is.
    package init(bytes: Double, inodes: Double) {
        self.bytes = bytes
        self.inodes = inodes
    }
}

/// What of the folders of ended allocations may go. As in Nomad: the oldest beyond `keptAllocations`, and more of them,
/// two at a time, while the file system is too full. Nothing goes whose end the servers have not confirmed, or that
/// they still list.
extension AgentCore {
    /// So many allocations lose their folders before the disk is looked at again.
    private static let goingAtOnce = 2

    /// Ended allocations beyond those that are kept lose their folders, the oldest first.
    mutating func collectEnded(_ turn: inout AgentTurn) {
        let count = allocations.keys.count(where: isKeptEnded)
        let excess = max(0, count - policy.keptAllocations)
        if excess > 0 { collect(keptEnded.prefix(excess), &turn) }
        // Where nothing could go, how full the disk is does not matter.
        if count == excess {
            surveyDue = nil
        } else if surveyDue == nil {
            surveyDue = turn.now.uptime + policy.surveyInterval
        }
    }

    /// Looks at the disk when it is time.
    mutating func surveyDisk(_ turn: inout AgentTurn) {
        guard let due = surveyDue, due <= turn.now.uptime else { return }
        surveyDue = turn.now.uptime + policy.surveyInterval
        turn.effects.append(.surveyDisk)
    }

    /// Takes how full the disk is.
    mutating func surveyed(_ fill: DiskFill, _ turn: inout AgentTurn) {
        guard fill.bytes > policy.diskThreshold || fill.inodes > policy.inodeThreshold, roomMaking.isEmpty else {
            return
        }
        let going = keptEnded.prefix(Self.goingAtOnce)
        guard !going.isEmpty else { return }
        let words = fill.bytes > policy.diskThreshold ? "\(Int(fill.bytes)) % full" : "out of entries for files soon"
        turn.effects.append(.log(.notice, "the disk is \(words): the oldest ended allocations lose their folders"))
        roomMaking = Set(going)
        collect(going, &turn)
    }

    mutating func collected(_ id: AllocationID, _ turn: inout AgentTurn) {
        guard collecting.remove(id) != nil else { return }
        allocations[id] = nil
        dirty.remove(id)
        turn.effects.append(.forget(id))
        if roomMaking.remove(id) != nil, roomMaking.isEmpty { turn.effects.append(.surveyDisk) }
    }

    /// Allocations that have ended and that the servers list no more, the oldest first.
    private var keptEnded: [AllocationID] {
        var kept: [(ended: WallTime, id: AllocationID)] = []
        for id in allocations.keys where isKeptEnded(id) {
            if let ended = allocations[id]?.record.endedAt { kept.append((ended, id)) }
        }
        return kept.sorted { $0 < $1 }.map(\.id)
    }

    private func isKeptEnded(_ id: AllocationID) -> Bool {
        // A view that is still on its way may list it, until one came that does not.
        allocations[id]?.record.endedAt != nil && allocations[id]?.isUnlisted == true && !collecting.contains(id)
    }

    private mutating func collect(_ ids: ArraySlice<AllocationID>, _ turn: inout AgentTurn) {
        guard !ids.isEmpty else { return }
        if newest > remembered {
            remembered = newest
            turn.effects.append(.remember(newest))
        }
        for id in ids.sorted() {
            collecting.insert(id)
            dirty.remove(id)
            turn.effects.append(.collect(id))
        }
    }
}
