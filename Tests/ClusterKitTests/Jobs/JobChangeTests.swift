import ClusterKit
import Testing

@Suite("What a new version changes")
struct JobChangeTests {
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var apply: @Sendable (inout Job) -> Void

        init(_ field: String, _ apply: @escaping @Sendable (inout Job) -> Void) {
            testDescription = field
            self.apply = apply
        }
    }

    static let destructive = [
        Change("at_most_one") { $0.groups[0].atMostOne = true },
        Change("ephemeral_disk") { $0.groups[0].disk.sizeMiB += 1 },
        Change("network") { $0.groups[0].network?.ports.append(PortSpec(label: "x")) },
        Change("task \"t\".driver") { $0.groups[0].tasks[0].driver = "docker" },
        Change("task \"t\" > config") { $0.groups[0].tasks[0].config["x"] = 1 },
        Change("task \"t\" > lifecycle") { $0.groups[0].tasks[0].lifecycle = TaskLifecycle(.poststart) },
        Change("task \"t\" > env") { $0.groups[0].tasks[0].environment["X"] = "1" },
        Change("task \"t\" > dispatch_payload") { $0.groups[0].tasks[0].payloadFile = "in" },
        Change("task \"t\" > template") {
            $0.groups[0].tasks[0].templates.append(TemplateSpec(data: "x", destination: "a"))
        },
        Change("task \"t\" > resources") { $0.groups[0].tasks[0].resources.memoryMiB += 1 },
        Change("task \"t\" > resources") { $0.groups[0].tasks[0].resources.memoryMaxMiB = 1000 },
        Change("task \"t\" > resources") { $0.groups[0].tasks[0].resources.devices = [DeviceRequest(name: "gpu")] },
        Change("task \"t\" > meta") { $0.groups[0].tasks[0].meta["read"] = "1" },
        Change("task \"t\" > meta") { $0.groups[0].meta["read"] = "1" },
        Change("task \"t\" > meta") { $0.meta["read"] = "1" },
        Change("task \"u\"") { $0.groups[0].tasks.append(TaskSpec(name: "u")) },
    ]

    static let inPlace = [
        Change("group \"g\" > count") { $0.groups[0].count = 5 },
        Change("priority") { $0.priority = 60 },
        Change("constraint") { $0.constraints.append(Constraint("${a}", .isSet)) },
        Change("group \"g\" > constraint") { $0.groups[0].constraints.append(Constraint("${a}", .isSet)) },
        Change("affinity") { $0.affinities = [Affinity("${a}", .isSet)] },
        Change("group \"g\" > affinity") { $0.groups[0].affinities = [Affinity("${a}", .isSet)] },
        Change("group \"g\" > task \"t\" > affinity") { $0.groups[0].tasks[0].affinities = [Affinity("${a}", .isSet)] },
        Change("spread") { $0.spreads = [Spread("${a}")] },
        Change("group \"g\" > spread") { $0.groups[0].spreads = [Spread("${a}")] },
        Change("node_pool") { $0.nodePool = "x" },
        Change("group \"g\" > node_pools") { $0.groups[0].nodePools = ["x"] },
        Change("group \"g\" > volume") { $0.groups[0].volumes = [VolumeRequest(name: "v", source: "s")] },
        Change("group \"g\" > restart") { $0.groups[0].restart.attempts = 7 },
        Change("group \"g\" > reschedule") { $0.groups[0].reschedule.rule.delay = .seconds(60) },
        Change("group \"g\" > service") { $0.groups[0].services.append(ServiceSpec(name: "s")) },
        Change("group \"g\" > update") { $0.groups[0].update = UpdateStrategy(maxParallel: 4) },
        Change("group \"g\" > task \"t\" > kill_timeout") { $0.groups[0].tasks[0].killTimeout = .seconds(9) },
        Change("group \"g\" > task \"t\" > logs") { $0.groups[0].tasks[0].logs.files = 2 },
        Change("group \"g\" > task \"t\" > leader") { $0.groups[0].tasks[0].isLeader = true },
        Change("datacenters") { $0.datacenters = ["dc1"] },
        Change("meta") { $0.meta["owner"] = "1" },
        Change("group \"g\" > meta") { $0.groups[0].meta["owner"] = "1" },
        Change("group \"g\" > task \"t\" > meta") { $0.groups[0].tasks[0].meta["owner"] = "1" },
    ]

    @Test(arguments: destructive)
    func replaces(change: Change) {
        let old = reader().canonical()
        var new = old
        change.apply(&new)
        #expect(JobChange.needsReplacement(group: "g", from: old, to: new))
        #expect(JobChange.replacingFields(group: "g", from: old, to: new) == [change.testDescription])
        #expect(!JobChange.isSame(old, new))
        #expect(!JobChange.changedFields(from: old, to: new).isEmpty)
    }

    @Test(arguments: inPlace)
    func reachesWhatRuns(change: Change) {
        let old = reader().canonical()
        var new = old
        change.apply(&new)
        #expect(!JobChange.needsReplacement(group: "g", from: old, to: new))
        #expect(JobChange.changedFields(from: old, to: new) == [change.testDescription])
        #expect(!JobChange.isSame(old, new))
    }

    /// A job whose task reads one word of its meta.
    private func reader() -> Job {
        var job = plainJob()
        job.groups[0].tasks[0].environment["READ"] = "${NOMAD_META_read}"
        return job
    }

    static let readings: [(String, TaskSpec, Bool)] = [
        (
            "by name in a nested argument", TaskSpec(name: "t", config: ["args": ["-c", "echo $NOMAD_META_x.txt"]]),
            true
        ),
        ("in capitals", TaskSpec(name: "t", environment: ["A": "${NOMAD_META_X}"]), true),
        ("in a template", template("{{ env \"NOMAD_META_x\" }}"), true),
        ("by a name that is put together", template("{{ env (print \"NOMAD_META_\" $k) }}"), true),
        ("all at once", TaskSpec(name: "t", config: ["args": ["-c", "env > list"]]), true),
        ("another word", TaskSpec(name: "t", environment: ["A": "${NOMAD_META_y}"]), false),
        ("a word that only contains env", TaskSpec(name: "t", config: ["command": "envoy"]), false),
        ("none", TaskSpec(name: "t"), false),
    ]

    private static func template(_ text: String) -> TaskSpec {
        TaskSpec(name: "t", templates: [TemplateSpec(data: text, destination: "local/x")])
    }

    @Test(arguments: readings)
    func metaRestartsOnlyWhoReadsIt(how: String, task: TaskSpec, restarts: Bool) {
        let old = Job(id: JobID("j"), groups: [TaskGroup(name: "g", tasks: [task])], meta: ["x": "1"])
        var new = old
        new.meta["x"] = "2"
        #expect(JobChange.needsReplacement(group: "g", from: old, to: new) == restarts, "\(how)")
    }

    @Test func metaThatATaskHidesChangesNothingForIt() {
        var old = reader().canonical()
        old.groups[0].tasks[0].meta["read"] = "mine"
        var new = old
        new.meta["read"] = "1"
        #expect(!JobChange.needsReplacement(group: "g", from: old, to: new))
        #expect(JobChange.changedFields(from: old, to: new) == ["meta"])
    }

    @Test func sameRegistrationMakesNoVersion() {
        let job = plainJob()
        #expect(JobChange.isSame(job, job.canonical()))
        #expect(JobChange.changedFields(from: job, to: job.canonical()) == [])
    }

    @Test func groupsComeAndGo() {
        let old = plainJob()
        var new = old
        new.groups[0].name = "h"
        #expect(JobChange.changedFields(from: old, to: new) == ["group \"h\"", "group \"g\""])
        #expect(!JobChange.needsReplacement(group: "g", from: old, to: new))
    }
}
