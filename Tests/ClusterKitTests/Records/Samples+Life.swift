import ClusterKit

/// What records hold of the life of a job after it was placed.
extension Samples {
    mutating func addLife(to job: inout Job) {
        job.periodic = PeriodicSpec(
            list { $0.text() }, timeZone: text(), prohibitsOverlap: true, isEnabled: bool())
        job.parameterized = ParameterizedSpec(
            payload: word(), requiredMeta: list { $0.text() }, optionalMeta: list { $0.text() })
        job.after = list { JobDependency($0.jobID(), $0.word()) }
        job.origin = JobOrigin(parent: jobID(), payload: text(), idempotencyToken: text(), isDispatched: true)
    }

    mutating func addLife(to group: inout TaskGroup) {
        group.migrate = MigrateStrategy(
            maxParallel: int(), healthCheck: text(), minHealthyTime: duration(), healthyDeadline: duration())
        group.scaling = ScalingBounds(min: int(), max: int(), isEnabled: false, policy: map { $0.value() })
        group.runLimit = RunLimit(duration(), warningSignal: text(), warningTime: duration())
        group.gang = Gang(window: duration())
        group.disconnect = DisconnectPolicy(
            lostAfter: duration(), stopOnClientAfter: duration(), replaces: false, choice: word())
        group.atMostOne = true
        group.after = list { $0.text() }
    }

    mutating func addLife(to allocation: inout Allocation) {
        allocation.deployment = entropy.identifier()
        allocation.isCanary = true
        allocation.health = AllocationHealth(isHealthy: bool(), time: time())
        allocation.wish = word()
        allocation.work = WorkStatus(isBusy: true, progress: Double(int()) / 7, keepCost: Double(int()), time: time())
        allocation.cause = word()
        allocation.fence = duration()
        allocation.reload = ReloadTurn(since: time(), phase: word())
    }

    mutating func workItem() -> WorkItem {
        var item = WorkItem(
            key: WorkItemKey(text(), in: WorkQueueID(text(), namespace: text())), priority: int(),
            constraints: list { Constraint($0.text(), $0.word(), $0.text()) }, payload: Array(text().utf8),
            maxAttempts: int(), retention: duration(), time: time())
        item.state = word()
        item.readyTime = time()
        item.attempts = int()
        item.token = entropy.next()
        item.lease = WorkLease(
            worker: text(), allocation: entropy.identifier(), duration: duration(), start: time())
        item.outcome = word()
        item.message = text()
        item.progress = Double(int()) / 7
        item.progressText = text()
        item.result = Array(text().utf8)
        item.modifyTime = time()
        item.createRevision = revision()
        item.modifyRevision = revision()
        return item
    }

    mutating func launch() -> LaunchRecord {
        var launch = LaunchRecord(job: jobID(), time: time())
        launch.modifyRevision = revision()
        return launch
    }

    mutating func scalingHistory() -> ScalingHistory {
        var history = ScalingHistory(
            job: jobID(),
            groups: map { samples in
                samples.list {
                    ScalingEvent(
                        time: $0.time(), count: $0.int(), previousCount: $0.int(), message: $0.text(),
                        isError: $0.bool(),
                        meta: $0.map { $0.value() }, evaluation: $0.entropy.identifier())
                }
            })
        history.modifyRevision = revision()
        return history
    }

    mutating func deployment() -> Deployment {
        var deployment = Deployment(
            id: entropy.identifier(), job: jobID(), jobVersion: int(),
            groups: map { samples in
                var group = DeploymentGroup(
                    desiredTotal: samples.int(), desiredCanaries: samples.int(), autoPromote: true, autoRevert: true,
                    progressDeadline: samples.duration())
                group.placedCanaries = samples.list { $0.entropy.identifier() }
                group.isPromoted = true
                group.placed = samples.int()
                group.healthy = samples.int()
                group.unhealthy = samples.int()
                group.requireProgressBy = samples.time()
                return group
            }, time: time())
        deployment.modifyTime = time()
        deployment.status = word()
        deployment.statusDescription = text()
        deployment.createRevision = revision()
        deployment.modifyRevision = revision()
        return deployment
    }
}
