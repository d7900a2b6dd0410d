import ClusterClient
import ClusterKit

/// Jobs for tests, as clients send them.
enum Jobs {
    /// A job of `count` shells. What fails is neither started again nor placed anew.
    static func shell(_ id: String, count: Int = 1, kind: JobKind = .service, script: String) -> [UInt8] {
        let task = TaskSpec(
            name: "main", config: ["command": "/bin/sh", "args": ["-c", .string(script)]],
            resources: TaskResources(cpuMHz: 10, memoryMiB: 16), logs: LogRotation(files: 2, fileSizeMiB: 5))
        let group = TaskGroup(
            name: "all", count: count, tasks: [task],
            restart: RestartPolicy(attempts: 0, interval: .seconds(60), delay: .seconds(1)),
            reschedule: ReschedulePolicy(
                RescheduleRule(
                    attempts: 0, interval: .zero, delay: .seconds(5), delayFunction: .constant, maxDelay: .seconds(5),
                    unlimited: false)),
            disk: EphemeralDisk(sizeMiB: 50), kind: kind)
        return JobDocument(Job(id: JobID(id), kind: kind, groups: [group])).json
    }

    /// A job that no node takes.
    static func unplaceable(_ id: String) -> [UInt8] {
        let task = TaskSpec(name: "main", config: ["command": "/bin/true"])
        return JobDocument(
            Job(id: JobID(id), kind: .batch, datacenters: ["nowhere"], groups: [TaskGroup(name: "all", tasks: [task])])
        ).json
    }
}
