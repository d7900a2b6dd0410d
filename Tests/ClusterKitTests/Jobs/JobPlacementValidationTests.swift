import ClusterKit
import Testing

/// What breaks one rule, as for the other fields.
typealias PlacementRule = JobValidationTests.Rule

@Suite("Rules of placement fields")
struct JobPlacementValidationTests {
    private func check(_ rule: PlacementRule) {
        var job = plainJob()
        rule.change(&job)
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix(rule.says), "\(mistakes)")
    }

    private static func constraint(_ says: String, _ constraint: Constraint) -> PlacementRule {
        PlacementRule("constraint[0]" + says) { $0.constraints = [constraint] }
    }

    private static func affinity(_ says: String, _ affinity: Affinity) -> PlacementRule {
        .group(" > affinity[0]" + says) { $0.affinities = [affinity] }
    }

    private static func spread(_ says: String, _ spread: Spread) -> PlacementRule {
        .group(" > spread[0]" + says) { $0.spreads = [spread] }
    }

    private static func resources(_ says: String, _ change: @escaping @Sendable (inout TaskResources) -> Void)
        -> PlacementRule
    {
        .task(" > resources" + says) { change(&$0.resources) }
    }

    private static func device(_ says: String, _ device: DeviceRequest) -> PlacementRule {
        resources(says) { $0.devices = [device] }
    }

    static let comparisons: [PlacementRule] = [
        constraint(": needs an attribute", Constraint("", .regexp, "x")),
        constraint(": the operator version needs a value", Constraint("${meta.a}", .version)),
        constraint(".attribute: distinct_property needs an attribute", Constraint("", .distinctProperty)),
        constraint(".value: must be at least 1, is 0", Constraint("${meta.a}", .distinctProperty, "0")),
        constraint(".value: must be how many", Constraint("${meta.a}", .distinctProperty, "many")),
        constraint(".attribute: ${device.vendor} is known within", Constraint("${device.vendor}", .equal, "x")),
        .task(
            " > constraint[0]: distinct_hosts compares instances and belongs to a job or group; move it out of the task"
        ) { $0.constraints = [Constraint("", .distinctHosts)] },
        .task(" > constraint[0]: distinct_property compares instances") {
            $0.constraints = [Constraint("${meta.a}", .distinctProperty)]
        },
        constraint(".value: regular expression `(`, byte", Constraint("${meta.a}", .regexp, "(")),
        constraint(".value: regular expression `(a{1000}){1000}`", Constraint("${meta.a}", .regexp, "(a{1000}){1000}")),
        affinity(".value: regular expression `[`", Affinity("${meta.a}", .regexp, "[")),
        constraint(".value: must be bounds between commas", Constraint("${meta.a}", .version, ">= soon")),
        constraint(".value: must be bounds between commas", Constraint("${meta.a}", .version, ">= 1.2,")),
        constraint(".value: must be bounds between commas", Constraint("${meta.a}", .semver, ">= 1.2rc1")),
        constraint(".value: must be bounds between commas", Constraint("${meta.a}", .semver, "~> 1.2.3")),
        affinity(".weight: must be at most 100, is 101", Affinity("${meta.a}", .isSet, weight: 101)),
        affinity(".weight: must be at least -100, is -101", Affinity("${meta.a}", .isSet, weight: -101)),
        affinity(".weight: must not be 0", Affinity("${meta.a}", .isSet, weight: 0)),
        affinity(": needs an attribute", Affinity("", .equal, "x")),
        affinity(": the operator = needs a value", Affinity("${meta.a}")),
        affinity(": distinct_hosts cannot be wished for", Affinity("", .distinctHosts)),
        affinity(": distinct_property cannot be wished for", Affinity("${meta.a}", .distinctProperty)),
        .task(" > affinity[0].weight: must not be 0") {
            $0.affinities = [Affinity("${meta.a}", .isSet, weight: 0)]
        },
    ]

    /// What no device has, on either side.
    static let devices: [PlacementRule] = [
        device("ids", Constraint("${device.ids}", .setContains, "0"), says: ".attribute: no device has ${device.ids}"),
        device("memory", Constraint("${device.memory}", .greater, "1 GiB"), says: ".attribute: no device has"),
        device("attrs", Constraint("${device.attrs.memory}", .notEqual, "1"), says: ".attribute: no device has"),
        device("empty", Constraint("${device.attr.}", .isNotSet), says: ".attribute: no device has ${device.attr.}"),
        device(
            "value", Constraint("${device.model}", .equal, "${meta.model}"), says: ".value: no device has ${meta.model}"
        ),
        device("node", Constraint("${attr.os.name}", .isSet), says: ".attribute: devices are told apart by"),
    ]

    private static func device(_ name: String, _ constraint: Constraint, says: String) -> PlacementRule {
        device(" > device \"\(name)\" > constraint[0]" + says, DeviceRequest(name: name, constraints: [constraint]))
    }

    @Test func whatDevicesHaveIsAccepted() {
        let texts = ["${device.attr.memory}", "${device.vendor}", "${device.type}", "${device.model}"]
        let rules = texts.map { Constraint($0, .equal, "${device.attr.other}") }
        var job = plainJob()
        job.groups[0].tasks[0].resources.devices = [DeviceRequest(name: "gpu", constraints: rules)]
        #expect(JobValidation.validate(job.canonical()) == [])
    }

    static let clashes: [PlacementRule] = [
        clash("constraint[1]: no node can meet it together with constraint[0], ${meta.a} = x; remove one", "x", "y"),
        clash(
            "constraint[1]: no node can meet it together with constraint[0], ${meta.a} is_not_set",
            Constraint("${meta.a}", .isNotSet), Constraint("${meta.a}", .isSet)),
        clash(
            "constraint[1]: no node can meet it together with constraint[0], ${meta.a} is_set",
            Constraint("${meta.a}", .isSet), Constraint("${meta.a}", .isNotSet)),
        clash(
            "constraint[1]: no node can meet it together with constraint[0], ${meta.a} = x",
            Constraint("${meta.a}", .equal, "x"), Constraint("${meta.a}", .isNotSet)),
        clash(
            "constraint[1]: no node can meet it together with constraint[0], ${meta.a} != x",
            Constraint("${meta.a}", .notEqual, "x"), Constraint("${meta.a}", .equal, "x")),
        clash(
            "constraint[1]: no node can meet it together with constraint[0], ${meta.a} = x",
            Constraint("${meta.a}", .equal, "x"), Constraint("${meta.a}", .notEqual, "x")),
        PlacementRule(
            "group \"g\" > task \"t\" > constraint[0]: no node can meet it together with the job's constraint[0], "
                + "${meta.a} = x"
        ) {
            $0.constraints = [Constraint("${meta.a}", .equal, "x")]
            $0.groups[0].tasks[0].constraints = [Constraint("${meta.a}", .equal, "y")]
        },
        device(
            " > device \"gpu\" > constraint[1]: no node can meet it together with group \"g\" > task \"t\" > resources "
                + "> device \"gpu\" > constraint[0], ${device.vendor} = amd",
            DeviceRequest(
                name: "gpu",
                constraints: [
                    Constraint("${device.vendor}", .equal, "amd"), Constraint("${device.vendor}", .equal, "nvidia"),
                ])),
    ]

    private static func clash(_ says: String, _ first: Constraint, _ second: Constraint) -> PlacementRule {
        PlacementRule(says) { $0.constraints = [first, second] }
    }

    private static func clash(_ says: String, _ first: String, _ second: String) -> PlacementRule {
        clash(says, Constraint("${meta.a}", .equal, first), Constraint("${meta.a}", .equal, second))
    }

    static let places: [PlacementRule] = [
        spread(".attribute: must say what tells places apart", Spread("")),
        spread(".attribute: stands for itself as it is written; to ask the node write ${", Spread("meta.rack")),
        spread(".attribute: is the same on every node", Spread("rack")),
        spread(".attribute: no node has ${node.dc}; nodes have", Spread("${node.dc}")),
        spread(".attribute: ${device.model} is known within a \"device\" block only", Spread("${device.model}")),
        spread(".weight: must be at least 1, is 0", Spread("${meta.a}", weight: 0)),
        spread(".weight: must be at most 100, is 101", Spread("${meta.a}", weight: 101)),
        spread(
            " > target \"b\".percent: must be at most 100, is 101",
            Spread("${meta.a}", targets: [SpreadTarget("b", percent: 101)])),
        spread(
            " > target \"b\".percent: must be at least 0, is -1",
            Spread("${meta.a}", targets: [SpreadTarget("b", percent: -1)])),
        spread(
            ": its targets add up to 101 percent",
            Spread("${meta.a}", targets: [SpreadTarget("b", percent: 50), SpreadTarget("c", percent: 51)])),
        spread(
            " > target \"b\": the target \"b\" is there already",
            Spread("${meta.a}", targets: [SpreadTarget("b", percent: 5), SpreadTarget("b", percent: 5)])),
        spread(" > target[0]: must name a value", Spread("${meta.a}", targets: [SpreadTarget("", percent: 5)])),
        .group(".node_pools: pool \"a b\" may hold") { $0.nodePools = ["a b"] },
        .group(".node_pools: pool \"a\" is named already") { $0.nodePools = ["a", "b", "a"] },
        .group(" > volume \"a/b\": the volume's name may hold") {
            $0.volumes = [VolumeRequest(name: "a/b", source: "x")]
        },
        .group(" > volume \"a\".source: must name a host_volume") {
            $0.volumes = [VolumeRequest(name: "a", source: "")]
        },
        .group(" > volume \"a\".type: volumes of type \"csi\"") {
            $0.volumes = [VolumeRequest(name: "a", kind: "csi", source: "x")]
        },
        .group(" > volume \"a\": the volume \"a\" is there already") {
            $0.volumes = [VolumeRequest(name: "a", source: "x"), VolumeRequest(name: "a", source: "y")]
        },
    ]

    static let amounts: [PlacementRule] = [
        device(" > device[0]: a device is named by", DeviceRequest(name: "")),
        device(" > device \"nvidia/\": a device is named by", DeviceRequest(name: "nvidia/")),
        device(" > device \"gpu\".count: must be at least 1, is 0", DeviceRequest(name: "gpu", count: 0)),
        device(" > device \"gpu\".count: must be at least 1, is -1", DeviceRequest(name: "gpu", count: -1)),
        device(" > device \"gpu\".count: must be at most", DeviceRequest(name: "gpu", count: .max)),
        device(
            " > device \"gpu\" > constraint[0].attribute: devices are told apart by",
            DeviceRequest(name: "gpu", constraints: [Constraint("${attr.kernel.name}", .equal, "linux")])),
        device(
            " > device \"gpu\" > constraint[0]: distinct_hosts compares instances",
            DeviceRequest(name: "gpu", constraints: [Constraint("", .distinctHosts)])),
        device(
            " > device \"gpu\" > affinity[0].weight: must not be 0",
            DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .equal, "x", weight: 0)])),
        resources(".memory_max: must not be below memory, which is 300, is 299") { $0.memoryMaxMiB = 299 },
        resources(".memory_max: must be at least 0, is -1") { $0.memoryMaxMiB = -1 },
        resources(".memory: must be at least 10, is -1") { $0.memoryMiB = -1 },
        resources(".memory: must be at most 1000000000") { $0.memoryMiB = .max },
        resources(".cpu: must be at least 1, is -9223372036854775808") { $0.cpuMHz = .min },
        resources(".cpu: whole cores are asked for already") { $0.cores = 1 },
        resources(".cores: must be at least 1, is -1") {
            $0.cores = -1
            $0.cpuMHz = 0
        },
        .group(".count: must be at most 100000, is 1000000") { $0.count = 1_000_000 },
    ]

    @Test(arguments: comparisons) func comparesWithSense(rule: PlacementRule) { check(rule) }
    @Test(arguments: devices) func asksDevicesForWhatTheyHave(rule: PlacementRule) { check(rule) }
    @Test(arguments: clashes) func canBeMet(rule: PlacementRule) { check(rule) }
    @Test(arguments: places) func namesPlaces(rule: PlacementRule) { check(rule) }
    @Test(arguments: amounts) func asksForAmounts(rule: PlacementRule) { check(rule) }

    @Test(arguments: [
        [Constraint("${meta.a}", .equal, "x"), Constraint("${meta.a}", .equal, "x")],
        [Constraint("${meta.a}", .equal, "x"), Constraint("${meta.b}", .equal, "y")],
        [Constraint("${meta.a}", .equal, "x"), Constraint("${meta.a}", .equal, "${meta.b}")],
        [Constraint("${meta.a}", .notEqual, "x"), Constraint("${meta.a}", .isNotSet)],
        [Constraint("${meta.a}", .notEqual, "x"), Constraint("${meta.a}", .equal, "y")],
        [Constraint("${device.vendor}", .isSet)],
    ])
    func whatANodeCanMeetIsNoClash(constraints: [Constraint]) {
        var job = plainJob()
        job.constraints = constraints
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(!mistakes.contains { $0.contains("no node can meet it") })
    }

    @Test func groupsDoNotContradictEachOther() {
        var job = plainJob()
        job.groups.append(job.groups[0])
        job.groups[1].name = "h"
        job.groups[0].constraints = [Constraint("${meta.a}", .equal, "x")]
        job.groups[1].constraints = [Constraint("${meta.a}", .equal, "y")]
        #expect(JobValidation.validate(job.canonical()) == [])
    }

    @Test func aGroupMayAskForNoInstanceAndForTheMost() {
        var job = plainJob()
        for count in [0, JobLimits.count] {
            job.groups[0].count = count
            #expect(JobValidation.validate(job.canonical()) == [])
        }
    }
}

@Suite("Rules of jobs that run everywhere")
struct SystemJobValidationTests {
    /// A job of `kind` that keeps every rule.
    private func job(_ kind: JobKind) -> Job {
        Job("everywhere", kind: kind) {
            Group("g") { TaskSpec("t", command: "/bin/true") }
        }
    }

    private func mistakes(_ kind: JobKind, _ change: (inout Job) -> Void) -> [String] {
        var job = job(kind)
        change(&job)
        return JobValidation.validate(job.canonical()).map(\.description)
    }

    @Test(arguments: [JobKind.system, .sysbatch])
    func thereIsOneInstanceOnEachNode(kind: JobKind) {
        let word = kind.rawValue
        #expect(mistakes(kind) { _ in } == [])
        #expect(
            mistakes(kind) { $0.groups[0].count = 2 } == [
                "group \"g\".count: \(word) jobs have one instance on each node that passes, not 2; remove the line"
            ])
        #expect(
            mistakes(kind) { $0.groups[0].reschedule = .standard(for: .service) } == [
                "group \"g\" > reschedule: instances of \(word) jobs stay on their nodes; remove the block"
            ])
        let affinity = Affinity("${meta.a}", .isSet)
        let message = "\(word) jobs run on every node that passes; remove the block"
        #expect(mistakes(kind) { $0.affinities = [affinity] } == ["affinity[0]: \(message)"])
        #expect(
            mistakes(kind) { $0.groups[0].tasks[0].affinities = [affinity] } == [
                "group \"g\" > task \"t\" > affinity[0]: \(message)"
            ])
        #expect(
            mistakes(kind) { $0.groups[0].spreads = [Spread("${meta.a}")] } == ["group \"g\" > spread[0]: \(message)"])
        #expect(
            mistakes(kind) {
                $0.groups[0].tasks[0].resources.devices = [
                    DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .isSet)])
                ]
            } == [])
    }

    @Test func onlySystemJobsAreRolledOutAndWithoutCanaries() {
        #expect(mistakes(.system) { $0.update = UpdateStrategy(maxParallel: 3) } == [])
        #expect(mistakes(.system) { $0.groups[0].update = UpdateStrategy(canary: 1) }.count == 1)
        #expect(mistakes(.system) { $0.groups[0].update = UpdateStrategy(autoRevert: true) }.count == 1)
        #expect(
            mistakes(.sysbatch) { $0.groups[0].update = UpdateStrategy() } == [
                "group \"g\" > update: sysbatch jobs are not rolled out; remove the block or make it a service"
            ])
    }

    @Test(arguments: [JobKind.system, .sysbatch])
    func documentsStateThemAsNomadDoes(kind: JobKind) throws {
        let job = job(kind).canonical()
        let document = try JobDocument(json: JobDocument(job).json)
        #expect(document.statement == job)
    }
}
