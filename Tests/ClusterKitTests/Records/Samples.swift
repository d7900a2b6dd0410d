import ClusterKit

/// Makes records in which every field differs from its default, each time others.
struct Samples {
    var entropy: Entropy

    init(seed: UInt64) { entropy = Entropy(seed: seed) }

    mutating func int() -> Int {
        let number = Int(truncatingIfNeeded: entropy.next() >> UInt64(entropy.below(64)))
        return (0...1).contains(number) ? 2 : number
    }

    mutating func bool() -> Bool { entropy.below(2) == 0 }

    mutating func text() -> String {
        let words = [
            "node", "größe", "日本", "a", "${attr.kernel.name}", String(repeating: "long ", count: 60), "🙂", "x",
        ]
        return words[entropy.below(words.count)] + String(entropy.below(1000))
    }

    mutating func duration() -> Duration { .nanoseconds(Int64(int())) }

    mutating func time() -> WallTime { WallTime(nanoseconds: Int64(int())) }

    mutating func revision() -> Revision { Revision(entropy.next() | 1) }

    mutating func word<Word: CaseIterable>() -> Word where Word.AllCases == [Word] {
        Word.allCases[entropy.below(Word.allCases.count - 1) + 1]
    }

    mutating func list<Element>(_ make: (inout Samples) -> Element) -> [Element] {
        (0...entropy.below(3)).map { _ in make(&self) }
    }

    mutating func map<Value>(_ make: (inout Samples) -> Value) -> [String: Value] {
        var map: [String: Value] = [:]
        for number in 0...entropy.below(3) { map[text() + "/\(number)"] = make(&self) }
        return map
    }

    mutating func texts() -> [String: String] { map { $0.text() } }

    mutating func constraints() -> [Constraint] { list { Constraint($0.text(), $0.word(), $0.text()) } }

    mutating func affinities() -> [Affinity] {
        list { Affinity($0.text(), $0.word(), $0.text(), weight: $0.int()) }
    }

    mutating func spreads() -> [Spread] {
        list {
            Spread($0.text(), weight: $0.int(), targets: $0.list { SpreadTarget($0.text(), percent: $0.int()) })
        }
    }

    mutating func deviceName() -> DeviceName { DeviceName(vendor: text(), kind: text(), model: text()) }

    mutating func resources() -> Resources { Resources(cpuMHz: int(), memoryMiB: int(), diskMiB: int()) }

    mutating func value(depth: Int = 0) -> ConfigValue {
        switch entropy.below(depth < 4 ? 7 : 5) {
        case 0: .null
        case 1: .bool(bool())
        case 2: .int(int())
        case 3: .double(Double(int()) / 3)
        case 4: .string(text())
        case 5: .list(list { $0.value(depth: depth + 1) })
        default: .object(map { $0.value(depth: depth + 1) })
        }
    }

    mutating func restart() -> RestartPolicy {
        RestartPolicy(attempts: int(), interval: duration(), delay: duration(), mode: word())
    }

    mutating func update() -> UpdateStrategy {
        UpdateStrategy(
            maxParallel: int(), healthCheck: text(), minHealthyTime: duration(), healthyDeadline: duration(),
            progressDeadline: duration(), stagger: duration(), canary: int(), autoRevert: true, autoPromote: true)
    }

    mutating func check() -> CheckSpec {
        CheckSpec(
            name: text(), kind: text(), portLabel: text(), path: text(), protocol: text(), method: text(),
            header: map { $0.list { $0.text() } }, body: text(), command: text(), arguments: list { $0.text() },
            interval: duration(), timeout: duration(), initialStatus: text(), successBeforePassing: int(),
            failuresBeforeCritical: int(), restartLimit: int(), restartGrace: duration(), restartIgnoresWarnings: true,
            task: text(), onUpdate: text(), skipsVerification: true)
    }

    mutating func services() -> [ServiceSpec] {
        list {
            ServiceSpec(
                name: $0.text(), portLabel: $0.text(), tags: $0.list { $0.text() }, meta: $0.texts(),
                provider: $0.text(), addressMode: $0.text(), task: $0.text(), checks: $0.list { $0.check() })
        }
    }

    mutating func task() -> TaskSpec {
        var task = TaskSpec(
            name: text(), driver: text(), config: map { $0.value() }, environment: texts(),
            resources: TaskResources(
                cpuMHz: int(), cores: int(), memoryMiB: int(), memoryMaxMiB: int(),
                devices: list {
                    DeviceRequest(
                        name: $0.text(), count: $0.int(), constraints: $0.constraints(), affinities: $0.affinities())
                }),
            constraints: constraints(), affinities: affinities(), services: services(), meta: texts(),
            killTimeout: duration(),
            killSignal: text(), logs: LogRotation(files: int(), fileSizeMiB: int()), restart: restart(),
            templates: list { $0.template() }, shutdownDelay: duration())
        task.lifecycle = TaskLifecycle(word(), isSidecar: true)
        task.isLeader = true
        task.payloadFile = text()
        return task
    }

    mutating func template() -> TemplateSpec {
        TemplateSpec(
            data: text(), destination: text(), changeMode: word(), changeSignal: text(), splay: duration(),
            permissions: text(), leftDelimiter: text(), rightDelimiter: text(), isEnvironment: true,
            failsOnMissingKey: true)
    }

    mutating func reschedule() -> ReschedulePolicy {
        var policy = ReschedulePolicy(
            RescheduleRule(
                attempts: int(), interval: duration(), delay: duration(), delayFunction: word(), maxDelay: duration(),
                unlimited: false))
        policy.causes[word()] = RescheduleRule(
            attempts: int(), interval: duration(), delay: duration(), delayFunction: word(), maxDelay: duration(),
            unlimited: bool())
        return policy
    }

    mutating func group() -> TaskGroup {
        var group = TaskGroup(
            name: text(), count: int(), constraints: constraints(), affinities: affinities(), spreads: spreads(),
            nodePools: list { $0.text() },
            volumes: list {
                VolumeRequest(name: $0.text(), kind: $0.text(), source: $0.text(), readOnly: true)
            },
            tasks: list { $0.task() }, restart: restart(),
            reschedule: reschedule(),
            disk: EphemeralDisk(sizeMiB: int()),
            network: NetworkSpec(
                mode: text(), ports: list { PortSpec(label: $0.text(), number: $0.int(), to: $0.int()) }),
            services: services(), update: update(), meta: texts(), shutdownDelay: duration())
        addLife(to: &group)
        return group
    }
}

extension Samples {
    mutating func jobID() -> JobID { JobID(text(), namespace: text()) }

    mutating func job() -> Job {
        var job = Job(
            id: jobID(), name: text(), region: text(), kind: .batch, priority: int(), datacenters: list { $0.text() },
            nodePool: text(), constraints: constraints(), affinities: affinities(), spreads: spreads(),
            groups: list { $0.group() }, update: update(), meta: texts())
        addLife(to: &job)
        return job
    }

    mutating func jobRecord() -> JobRecord {
        var record = JobRecord(
            job: job(), version: int(), stopped: true, submitTime: time(),
            source: JobSource(text: text(), format: text()))
        record.createRevision = revision()
        record.modifyRevision = revision()
        record.jobModifyRevision = revision()
        record.isStable = true
        record.tag = VersionTag(name: text(), description: text(), time: time())
        record.note = ChangeNote(author: text(), reason: text())
        record.stopTime = time()
        return record
    }

    mutating func node() -> Node {
        let port = entropy.below(1000)
        var node = Node(
            id: entropy.identifier(), name: text(), datacenter: text(), pool: text(), nodeClass: text(),
            address: text(), version: text(), attributes: texts(), meta: texts(), capacity: resources(),
            reserved: resources(), cores: int(), reservedPorts: list { $0.int() },
            dynamicPorts: port...port + entropy.below(1000),
            drivers: map { DriverStatus(healthy: $0.bool(), description: $0.text(), attributes: $0.texts()) })
        node.devices = list {
            DeviceGroup(
                name: $0.deviceName(), attributes: $0.texts(),
                instances: $0.list { DeviceInstance($0.text(), healthy: false) })
        }
        node.hostVolumes = map { HostVolume(path: $0.text(), readOnly: true) }
        node.status = word()
        node.statusDescription = text()
        node.statusTime = time()
        node.eligibility = word()
        node.events = list { NodeEvent(time: $0.time(), subsystem: $0.text(), message: $0.text()) }
        node.createRevision = revision()
        node.modifyRevision = revision()
        node.drain = NodeDrain(
            startedAt: time(), deadline: time(), isForced: true, ignoresSystemJobs: true, reason: text(),
            isTidying: true)
        node.setAside = time()
        node.wellSince = time()
        node.reservedCores = list { $0.int() }
        return node
    }

    mutating func taskState() -> TaskState {
        var state = TaskState()
        state.phase = word()
        state.failed = true
        state.restarts = int()
        state.lastRestart = time()
        state.startedAt = time()
        state.finishedAt = time()
        state.events = list {
            TaskEvent(
                $0.word(), time: $0.time(), message: $0.text(), exitCode: $0.int(), signal: $0.int(), failsTask: true,
                details: $0.texts())
        }
        return state
    }

    mutating func allocation() -> Allocation {
        var allocation = Allocation(
            id: entropy.identifier(), job: jobID(), jobVersion: int(), group: text(), index: int(),
            node: entropy.identifier(), nodeName: text(), evaluation: entropy.identifier(),
            epoch: Epoch(entropy.next()),
            resources: AllocatedResources(
                total: resources(), cores: map { $0.list { $0.int() } },
                ports: list { PortMapping(label: $0.text(), value: $0.int(), to: $0.int(), hostIP: $0.text()) },
                devices: list {
                    AllocatedDevice(task: $0.text(), name: $0.deviceName(), instances: $0.list { $0.text() })
                }),
            time: time())
        allocation.desired = word()
        allocation.desiredDescription = text()
        allocation.client = word()
        allocation.clientDescription = text()
        allocation.tasks = map { $0.taskState() }
        allocation.previous = entropy.identifier()
        allocation.next = entropy.identifier()
        allocation.reschedules = list {
            RescheduleEvent(
                time: $0.time(), previous: $0.entropy.identifier(), node: $0.entropy.identifier(), delay: $0.duration(),
                cause: $0.word())
        }
        allocation.followUp = entropy.identifier()
        allocation.score = Double(int()) / 7
        allocation.modifyTime = time()
        allocation.createRevision = revision()
        allocation.modifyRevision = revision()
        allocation.checks = list { $0.checkStatus() }
        allocation.reportSerial = entropy.next()
        allocation.preempted = list { $0.entropy.identifier() }
        allocation.preemptedBy = entropy.identifier()
        addLife(to: &allocation)
        return allocation
    }

    mutating func checkStatus() -> CheckStatus {
        CheckStatus(
            service: text(), index: int(), name: text(), kind: text(), health: word(), output: text(), since: time())
    }

    mutating func keyRecord() -> KeyRecord {
        var record = KeyRecord(
            key: text(), value: Array(text().utf8), flags: entropy.next(), lockIndex: entropy.next(), session: text())
        record.createRevision = revision()
        record.modifyRevision = revision()
        return record
    }

    mutating func secretPath() -> SecretPath { SecretPath(text(), mount: text()) }

    mutating func secretRecord() -> SecretRecord {
        var record = SecretRecord(path: secretPath(), time: time())
        record.versions = list {
            SecretRecord.Version(
                number: $0.int(), createTime: $0.time(), deletionTime: $0.time(), isDestroyed: $0.bool())
        }
        record.currentVersion = int()
        record.maxVersions = int()
        record.requiresCheckAndSet = true
        record.deleteVersionAfter = duration()
        record.customMetadata = texts()
        record.updateTime = time()
        record.createRevision = revision()
        record.modifyRevision = revision()
        return record
    }

    mutating func sealedSecret() -> SealedSecret {
        SealedSecret(
            path: secretPath(), version: int(), keyID: text(), nonce: Array(text().utf8), bytes: Array(text().utf8))
    }

    mutating func evaluation() -> Evaluation {
        var evaluation = Evaluation(
            id: entropy.identifier(), job: jobID(), kind: .batch, priority: int(), trigger: word(), status: word(),
            time: time())
        evaluation.statusDescription = text()
        evaluation.node = entropy.identifier()
        evaluation.waitUntil = time()
        evaluation.previous = entropy.identifier()
        evaluation.next = entropy.identifier()
        evaluation.blocked = entropy.identifier()
        evaluation.refusals = map {
            var refusal = Refusal()
            refusal.nodesEvaluated = $0.int()
            refusal.filtered = $0.map { $0.int() }
            refusal.exhausted = $0.map { $0.int() }
            refusal.nodesAvailable = $0.map { $0.int() }
            refusal.shortages = $0.list { $0.text() }
            refusal.coalesced = $0.int()
            return refusal
        }
        evaluation.queued = map { $0.int() }
        evaluation.jobModifyRevision = revision()
        evaluation.snapshotRevision = revision()
        evaluation.modifyTime = time()
        evaluation.createRevision = revision()
        evaluation.modifyRevision = revision()
        evaluation.waitStarts = map { WaitStart(revision: $0.revision(), time: $0.time()) }
        return evaluation
    }

    mutating func schedulingRules() -> SchedulingRules {
        var rules = SchedulingRules(
            algorithm: .spread, memoryOversubscription: true, preempting: [.batch, word()],
            movesPerHour: int())
        rules.createRevision = revision()
        rules.modifyRevision = revision()
        return rules
    }

    /// One change of every kind.
    mutating func changes() -> [Change] {
        [
            .putJob(jobRecord()), .removeJob(jobID()), .removeJobVersion(JobVersion(jobID(), int())), .putNode(node()),
            .removeNode(entropy.identifier()), .putAllocation(allocation()), .removeAllocation(entropy.identifier()),
            .putEvaluation(evaluation()), .removeEvaluation(entropy.identifier()), .putKey(keyRecord()),
            .removeKey(text()), .putSecret(secretRecord()), .removeSecret(secretPath()), .putSealed(sealedSecret()),
            .removeSealed(SecretVersionID(secretPath(), int())),
            .putSchedulingRules(schedulingRules()), .putDeployment(deployment()),
            .removeDeployment(entropy.identifier()), .putWorkItem(workItem()), .removeWorkItem(workItem().key),
            .putLaunch(launch()), .removeLaunch(jobID()),
            .putScalingEvents(scalingHistory()), .putLongestLease(.seconds(30)),
        ]
    }

    mutating func batch() -> ChangeBatch {
        ChangeBatch(revision: revision(), epoch: Epoch(entropy.next()), time: time(), changes: changes())
    }
}
