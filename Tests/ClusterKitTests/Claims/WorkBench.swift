import Testing

@testable import ClusterKit

/// What a test asks of a queue of work, on top of a core that is driven by hand.
extension CoreBench {
    static let builds = WorkQueueID("builds")

    /// Asks, lets everything be written, and gives the answer; `nil` while there is none.
    mutating func work(_ request: WorkRequest) -> Result<WorkReply, ClusterError>? {
        let id = ask(.work(request))
        write()
        return workReply(to: id)
    }

    func workReply(to id: UInt64) -> Result<WorkReply, ClusterError>? {
        switch reply(to: id) {
        case .success(.work(let reply)): .success(reply)
        case .failure(let error): .failure(error)
        default: nil
        }
    }

    @discardableResult
    mutating func put(_ id: String, _ order: WorkOrder = WorkOrder()) -> Result<WorkReply, ClusterError>? {
        var order = order
        order.id = id
        return work(.put(order, in: Self.builds))
    }

    /// Claims without waiting.
    mutating func claim(
        _ worker: String = "a", _ attributes: [String: String] = [:], allocation: AllocationID? = nil
    ) -> WorkItem? {
        work(.claim(Self.builds, WorkerStatement(worker, attributes: attributes, allocation: allocation), wait: .zero))?
            .item
    }

    /// Claims an item that must be there.
    mutating func claimed(_ worker: String = "a", allocation: AllocationID? = nil) throws -> WorkItem {
        let item = claim(worker, allocation: allocation)
        return try #require(item)
    }

    func item(_ id: String) -> WorkItem? { core.head.work[WorkItemKey(id, in: Self.builds)] }

    /// Lets time pass in steps, for a server that sleeps through a deadline blames itself.
    mutating func idle(_ seconds: Int) {
        for _ in 0..<seconds { pass(.seconds(1)) }
        write()
    }

    /// Lets another server lead what was written.
    mutating func failOver() {
        let head = core.head
        core = ServerCore(configuration: core.configuration, scheduler: BinPackScheduler())
        effects = []
        tell(.led(Epoch(head.epoch.number + 1), head))
        write()
    }
}

extension WorkItem {
    var ticket: WorkTicket { WorkTicket(key, token: token) }
}

extension Result<WorkReply, ClusterError> {
    var item: WorkItem? {
        guard case .success(.item(let item, _, _)) = self else { return nil }
        return item
    }

    var refusal: ClusterError.Code? {
        guard case .failure(let error) = self else { return nil }
        return error.code
    }

    var message: String {
        guard case .failure(let error) = self else { return "" }
        return error.message
    }

    var isNothing: Bool {
        guard case .success(.nothing) = self else { return false }
        return true
    }
}
