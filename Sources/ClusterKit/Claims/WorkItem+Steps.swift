extension WorkItem {
    /// The item in the hands of a worker. `token` is larger than that of every lease before.
    func taken(by worker: WorkerStatement, token: UInt64, at now: WallTime) -> WorkItem {
        var item = self
        item.state = .leased
        item.token = token
        item.lease = WorkLease(
            worker: worker.name, allocation: worker.allocation, duration: worker.lease, start: now)
        item.readyTime = nil
        item.progress = 0
        item.progressText = ""
        item.modifyTime = now
        return item
    }

    /// The item after its worker gave it back.
    func returned(_ wish: WorkReturn, at now: WallTime) -> WorkItem {
        switch wish {
        case .released(let reason): ended(.released, reason, at: now)
        case .failed(let reason, let delay, let isFinal):
            ended(.failed, reason, counts: true, delay: delay, isFinal: isFinal, at: now)
        }
    }

    /// The item after its lease ended without being done. An attempt that counts and was the last gives it up.
    func ended(
        _ outcome: WorkOutcome, _ reason: String, counts: Bool = false, delay: Duration = .zero, isFinal: Bool = false,
        at now: WallTime
    ) -> WorkItem {
        var item = self
        item.lease = nil
        item.outcome = outcome
        item.message = reason
        item.modifyTime = now
        if counts { item.attempts += 1 }
        if isFinal || item.attempts >= item.maxAttempts {
            item.state = .failed
        } else {
            item.state = .waiting
            item.readyTime = delay > .zero ? now + delay : nil
        }
        return item
    }

    /// The item done.
    func completed(_ result: [UInt8], _ message: String, at now: WallTime) -> WorkItem {
        var item = self
        item.state = .complete
        item.lease = nil
        item.outcome = .completed
        item.message = message
        item.progress = 1
        item.result = result
        item.modifyTime = now
        return item
    }

    /// How much longer it waits for its time. A clock that was set back prolongs no wait.
    func wait(at now: WallTime) -> Duration {
        guard let readyTime else { return .zero }
        return max(.zero, min(readyTime - now, readyTime - modifyTime))
    }

    /// How much longer it is kept now that it is over.
    func remainder(at now: WallTime) -> Duration {
        max(.zero, min(retention, modifyTime + retention - now))
    }
}
