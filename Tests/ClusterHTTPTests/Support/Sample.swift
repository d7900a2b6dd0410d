import ClusterKit

/// The records that the recorded answers of a real Nomad show, as far as this cluster has them.
enum Sample {
    static let node = NodeID(high: 0xE7EC_4C13_C4AC_F02E, low: 0xDE8E_5457_2A49_8A51)
    static let allocation = AllocationID(high: 0x2DB0_3B8B_D53D_2F7C, low: 0x75E6_4E36_2E9F_15AE)
    static let evaluation = EvaluationID(high: 0xA3EE_ED64_C2C6_8E16, low: 0x91B6_18B7_6BFB_3931)
    static let jobID = JobID("sample-svc")
    static let time = WallTime(nanoseconds: 1_795_351_290_611_955_480)

    static func job(_ id: String = "sample-svc", namespace: String = "default") -> Job {
        let task = TaskSpec(
            name: "srv", config: ["command": "/bin/sh", "args": ["-c", "sleep 100000"]], environment: ["FOO": "bar"],
            resources: TaskResources(cpuMHz: 50, memoryMiB: 32))
        let group = TaskGroup(
            name: "web", count: 2, tasks: [task], network: NetworkSpec(ports: [PortSpec(label: "http")]))
        return Job(
            id: JobID(id, namespace: namespace), datacenters: ["dc1"], groups: [group], meta: ["owner": "peer"])
    }

    static var records: [Change] {
        var allocation = Allocation(
            id: allocation, job: jobID, jobVersion: 0, group: "web", index: 1, node: node, nodeName: "peer1",
            evaluation: evaluation, epoch: Epoch(1),
            resources: AllocatedResources(
                total: Resources(cpuMHz: 50, memoryMiB: 32, diskMiB: 300),
                ports: [PortMapping(label: "http", value: 21361, hostIP: "127.0.0.1")]),
            time: time)
        allocation.client = .running
        allocation.clientDescription = "Tasks are running"
        var task = TaskState()
        task.phase = .running
        task.startedAt = WallTime(nanoseconds: 1_795_351_290_810_890_523)
        task.note(TaskEvent(.received, time: time))
        task.note(TaskEvent(.setup, time: time, message: "Building Task Directory", details: ["message": "x"]))
        task.note(TaskEvent(.started, time: time))
        allocation.tasks = ["srv": task]
        var evaluation = Evaluation(
            id: evaluation, job: jobID, kind: .service, priority: 50, trigger: .jobRegister, status: .complete,
            time: time)
        evaluation.queued = ["web": 0]
        var machine = Node(
            id: node, name: "peer1", version: "1.0.18", attributes: ["kernel.name": "linux", "cpu.arch": "amd64"],
            capacity: Resources(cpuMHz: 4598, memoryMiB: 24105, diskMiB: 72754),
            drivers: ["raw_exec": DriverStatus(healthy: true, attributes: ["driver.raw_exec": "true"])])
        machine.status = .ready
        machine.note(NodeEvent(time: time, message: "Node registered"))
        return [
            .putJob(JobRecord(job: job(), submitTime: time)), .putNode(machine), .putEvaluation(evaluation),
            .putAllocation(allocation),
        ]
    }
}
