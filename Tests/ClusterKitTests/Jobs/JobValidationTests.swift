import ClusterKit
import Testing

@Suite("Rules of jobs")
struct JobValidationTests {
    /// What breaks one rule, and the path and words that must then be said.
    struct Rule: Sendable, CustomTestStringConvertible {
        var says: String
        var change: @Sendable (inout Job) -> Void
        var testDescription: String { says }

        init(_ says: String, _ change: @escaping @Sendable (inout Job) -> Void) {
            self.says = says
            self.change = change
        }

        /// Breaks a rule of the group.
        static func group(_ says: String, _ change: @escaping @Sendable (inout TaskGroup) -> Void) -> Rule {
            Rule("group \"g\"" + says) { change(&$0.groups[0]) }
        }

        /// Breaks a rule of the task.
        static func task(_ says: String, _ change: @escaping @Sendable (inout TaskSpec) -> Void) -> Rule {
            group(" > task \"t\"" + says) { change(&$0.tasks[0]) }
        }

        /// Breaks a rule of a service of the group.
        static func service(_ says: String, _ change: @escaping @Sendable (inout ServiceSpec) -> Void) -> Rule {
            group(" > service \"s\"" + says) { group in
                var service = ServiceSpec(name: "s", portLabel: "http")
                change(&service)
                group.services = [service]
            }
        }

        /// Breaks a rule of a check.
        static func check(_ says: String, _ change: @escaping @Sendable (inout CheckSpec) -> Void) -> Rule {
            service(" > check \"c\"" + says) { service in
                var check = CheckSpec(
                    name: "c", kind: "http", path: "/", interval: .seconds(10), timeout: .seconds(2))
                change(&check)
                service.checks = [check]
            }
        }
    }

    @Test func thePlainJobKeepsEveryRule() {
        #expect(JobValidation.validate(plainJob().canonical()) == [])
    }

    private func check(_ rule: Rule) {
        var job = plainJob()
        rule.change(&job)
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix(rule.says), "\(mistakes)")
        #expect(throws: ClusterError.self) { try job.validated() }
    }

    static let jobRules = [
        Rule("job.id: must not be empty") {
            $0.id.id = ""
            $0.name = "x"
        },
        Rule("job.id: is 129 bytes long") { $0.id.id = String(repeating: "x", count: 129) },
        Rule("job.id: may hold ASCII letters, digits and -_.+@:~/; holds \" \"") { $0.id.id = "a b" },
        Rule("job.id: may hold ASCII letters, digits and -_.+@:~/; holds \"\\u{a}\"") { $0.id.id = "a\nb" },
        Rule("job.id: may hold ASCII letters, digits and -_.+@:~/; holds \"а\"") { $0.id.id = "\u{430}" },
        Rule("job.id: must have a name on both sides") { $0.id.id = "a//b" },
        Rule("job.id: must have a name on both sides") { $0.id.id = "../b" },
        Rule("job.name: holds a control character") { $0.name = "a\u{1}" },
        Rule("job.namespace: may hold") { $0.id.namespace = "a/b" },
        Rule("job.region: may hold") { $0.region = "a b" },
        Rule("job.node_pool: may hold") { $0.nodePool = "a b" },
        Rule("job.priority: must be at least 1, is 0") { $0.priority = 0 },
        Rule("job.priority: must be at most 100, is 101") { $0.priority = 101 },
        Rule("job.datacenters: datacenter \"\" must not be empty") { $0.datacenters = [""] },
        Rule("constraint[0]: needs an attribute") { $0.constraints = [Constraint("", .equal, "x")] },
        Rule("constraint[0]: is_set needs an attribute") { $0.constraints = [Constraint("", .isSet)] },
        Rule("constraint[0]: the operator < needs a value") { $0.constraints = [Constraint("a", .less)] },
        Rule("constraint[0].value: must be one of") { $0.constraints = [Constraint("", .distinctHosts, "2")] },
        Rule("meta.: a key must not be empty") { $0.meta = ["": "x"] },
        Rule("meta.a: must not hold NUL") { $0.meta = ["a": "\0"] },
        Rule("job: has no group") { $0.groups = [] },
        Rule("group \"g\": the group \"g\" is there already") { $0.groups.append($0.groups[0]) },
    ]

    static let groupRules: [Rule] = [
        Rule("group \"a/b\": the group's name may hold") { $0.groups[0].name = "a/b" },
        .group(".count: must be at least 0, is -1") { $0.count = -1 },
        .group(".count: must be at most 100000, is 100001") { $0.count = 100_001 },
        .group(": has no task") { $0.tasks = [] },
        .group(" > task \"t\": the task \"t\" is there already") {
            $0.disk.sizeMiB = 1000
            $0.tasks.append($0.tasks[0])
        },
        .group(" > ephemeral_disk.size: must be at least 10, is 9") {
            $0.disk.sizeMiB = 9
            $0.tasks[0].logs = LogRotation(files: 1, fileSizeMiB: 1)
        },
        .group(" > ephemeral_disk.size: the logs of task \"t\" may take 100 MiB, the disk has 99 MiB") {
            $0.disk.sizeMiB = 99
        },
        .group(" > network.mode: \"bridge\" networks are not supported") { $0.network?.mode = "bridge" },
        .group(" > network > port \"http\".static: must be a port") { $0.network?.ports[0].number = 65_536 },
        .group(" > network > port \"http\".to: must be a port") { $0.network?.ports[0].to = -2 },
        .group(" > network > port \"a b\": a port's label") { $0.network?.ports[0].label = "a b" },
        .group(" > network > port \"http\": the port \"http\" is there already") {
            $0.network?.ports.append(PortSpec(label: "http"))
        },
        .group(" > network > port \"b\".static: port 80 is taken by \"a\"") {
            $0.network?.ports = [PortSpec(label: "a", number: 80), PortSpec(label: "b", number: 80)]
        },
        .group(" > restart.attempts: 0 attempts need mode") {
            $0.restart.attempts = 0
            $0.restart.mode = .delay
        },
        .group(" > restart.delay: must not exceed the interval of 10s, is 15s") { $0.restart.interval = .seconds(10) },
        .group(" > restart.interval: must be at least 5s, is 4s") {
            $0.restart.interval = .seconds(4)
            $0.restart.delay = .zero
        },
        .group(" > restart.attempts: must be at least 0") { $0.restart.attempts = -1 },
        .group(" > reschedule.delay: must be at least 5s, is 4s") { $0.reschedule.rule.delay = .seconds(4) },
        .group(" > reschedule.max_delay: must not be shorter") { $0.reschedule.rule.maxDelay = .seconds(10) },
        .group(" > reschedule.attempts: either unlimited or") { $0.reschedule.rule.attempts = 3 },
        .group(" > reschedule.interval: 3 attempts need an interval") {
            $0.reschedule.rule.attempts = 3
            $0.reschedule.rule.unlimited = false
        },
        .group(" > update.max_parallel: must be at least 0") { $0.update = UpdateStrategy(maxParallel: -1) },
        .group(" > update.canary: must be at least 0") { $0.update = UpdateStrategy(canary: -1) },
        .group(" > update.health_check: must be one of") { $0.update = UpdateStrategy(healthCheck: "magic") },
        .group(" > update.min_healthy_time: must be shorter") {
            $0.update = UpdateStrategy(minHealthyTime: .seconds(300))
        },
        .group(" > update.healthy_deadline: must be shorter") {
            $0.update = UpdateStrategy(healthyDeadline: .seconds(600))
        },
        .group(" > update.auto_promote: promotes canaries") { $0.update = UpdateStrategy(autoPromote: true) },
        .group(" > update.stagger: must be at most") { $0.update = UpdateStrategy(stagger: .seconds(1 << 60)) },
    ]

    static let taskRules: [Rule] = [
        Rule("group \"g\" > task \"alloc\": the task's name \"alloc\" is a reserved name") {
            $0.groups[0].tasks[0].name = "alloc"
        },
        Rule("group \"g\" > task \"..\": the task's name \"..\" is a reserved name") {
            $0.groups[0].tasks[0].name = ".."
        },
        Rule("group \"g\" > task \"a/b\": the task's name may hold") { $0.groups[0].tasks[0].name = "a/b" },
        .task(".driver: must say how the task runs") { $0.driver = "" },
        .task(".kill_signal: no signal is called \"SIGNAL\"") { $0.killSignal = "SIGNAL" },
        .task(".kill_timeout: must be at least 0s, is -1s") { $0.killTimeout = .seconds(-1) },
        .task(" > resources.cpu: must be at least 1, is 0") { $0.resources.cpuMHz = 0 },
        .task(" > resources.cpu: must be at most 1000000000") { $0.resources.cpuMHz = .max },
        .task(" > resources.cores: must be at least 1, is -1") {
            $0.resources.cores = -1
            $0.resources.cpuMHz = 0
        },
        .task(" > resources.cpu: whole cores are asked for already") { $0.resources.cores = 2 },
        .task(" > resources.memory: must be at least 10, is 9") { $0.resources.memoryMiB = 9 },
        .task(" > logs.max_files: must be at least 1, is 0") { $0.logs.files = 0 },
        .task(" > logs.max_file_size: must be at least 1, is 0") { $0.logs.fileSizeMiB = 0 },
        .task(" > env.A=B: a variable's name") { $0.environment = ["A=B": "x"] },
        .task(" > env.A: must not hold NUL") { $0.environment = ["A": "\0"] },
        .task(" > config.a: must not hold NUL") { $0.config = ["a": ["\0"]] },
        .task(" > config.a: must be a finite number") { $0.config = ["a": .double(.nan)] },
        .task(" > config.a: is nested more than 32 deep") {
            $0.config = ["a": (0..<40).reduce("x") { value, _ in .list([value]) }]
        },
        .task(" > restart.attempts: 0 attempts need mode") {
            $0.restart = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .zero, mode: .delay)
        },
    ]

    static let serviceRules: [Rule] = [
        Rule("group \"g\" > service \"a_b\".name: becomes \"a_b\"") {
            $0.groups[0].services = [ServiceSpec(name: "a_b")]
        },
        Rule("group \"g\" > service \"jjj") {
            $0.name = String(repeating: "j", count: 63)
            $0.groups[0].services = [ServiceSpec(name: "${JOB}x")]
        },
        .service(".port: must be a port from 1 to 65535 or the label of one, is 70000") { $0.portLabel = "70000" },
        .service(".port: no port is called \"https\"; the group has http") { $0.portLabel = "https" },
        .service(".provider: must be one of") { $0.provider = "etcd" },
        .service(".address_mode: must be one of") { $0.addressMode = "driver" },
        .service(".task: the group has no task \"x\"") { $0.task = "x" },
        .group(" > service \"s\": a service of this name and port is there already") {
            $0.services = [ServiceSpec(name: "s"), ServiceSpec(name: "s")]
        },
        .check(".type: must be http, tcp or script") { $0.kind = "" },
        .check(".type: checks of type \"grpc\" are not supported") { $0.kind = "grpc" },
        .check(".path: a check of type http needs a path") { $0.path = "" },
        .check(".protocol: must be one of") { $0.protocol = "ftp" },
        .check(".method: must be a method") { $0.method = "GET /" },
        .check(" > header.A: is no header") { $0.header = ["A": ["x\r\ny"]] },
        .check(".port: no port is called \"x\"") { $0.portLabel = "x" },
        .check(".interval: must be at least 1s, is 500ms") { $0.interval = .milliseconds(500) },
        .check(".timeout: must be stated, as in timeout = \"10s\"") { $0.timeout = .zero },
        .check(".initial_status: must be one of") { $0.initialStatus = "fine" },
        .check(".on_update: must be one of") { $0.onUpdate = "maybe" },
        .check(".on_update: \"ignore\" and a check_restart") {
            $0.onUpdate = "ignore"
            $0.restartLimit = 1
        },
        .check(".on_update: \"ignore_warnings\" needs") {
            $0.onUpdate = "ignore_warnings"
            $0.restartLimit = 1
        },
        .check(".success_before_passing: must be at least 0") { $0.successBeforePassing = -1 },
        .check(" > check_restart.limit: must be at least 0") { $0.restartLimit = -1 },
        .check(".command: a check of type script needs a command") {
            $0.kind = "script"
            $0.task = "t"
        },
        .service(" > check \"c\".port: a check of type tcp needs a port") {
            $0.portLabel = ""
            $0.checks = [CheckSpec(name: "c", kind: "tcp", interval: .seconds(1), timeout: .seconds(1))]
        },
    ]

    @Test(arguments: jobRules) func job(rule: Rule) { check(rule) }
    @Test(arguments: groupRules) func group(rule: Rule) { check(rule) }
    @Test(arguments: taskRules) func task(rule: Rule) { check(rule) }
    @Test(arguments: serviceRules) func service(rule: Rule) { check(rule) }

    /// What is stored may have been scaled, and is registered as it stands.
    @Test(arguments: [(2, true), (3, false), (0, false)])
    func onlyWhatIsWrittenHasToHaveInstancesForItsCanaries(count: Int, isMistake: Bool) throws {
        var job = plainJob()
        job.groups[0].count = count
        job.groups[0].update = UpdateStrategy(canary: 3)
        let words = "group \"g\" > update.canary: is 3, but the group has 2 instances; use at most as many canaries"
        #expect(JobValidation.validateWritten(job.canonical()).map(\.description) == (isMistake ? [words] : []))
        #expect(JobValidation.validate(job.canonical()) == [])
        #expect(try job.validated().groups[0].count == count)
    }

    @Test func aMistakeIsToldWhereItWasMade() {
        var job = plainJob()
        job.update = UpdateStrategy(maxParallel: -1)
        var mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(mistakes == ["update.max_parallel: must be at least 0, is -1"])
        job = plainJob()
        job.id.id = ""
        job.name = ""
        mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(mistakes == ["job.id: must not be empty"])
    }

    @Test func batchJobsAreNotRolledOut() {
        var job = plainJob()
        job.kind = .batch
        job.groups[0].update = UpdateStrategy()
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(
            mistakes == ["group \"g\" > update: batch jobs are not rolled out; remove the block or make it a service"])
    }

    /// No deadline is no leave to wait for ever.
    @Test func whatAProgressDeadlineOfZeroMeansIsSaid() {
        var job = plainJob()
        job.groups[0].update = UpdateStrategy(healthyDeadline: .seconds(600))
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        let end = "with a progress_deadline of 0 the first unhealthy instance fails the roll-out"
        #expect(mistakes.count == 1 && mistakes[0].hasSuffix(end), "\(mistakes)")
    }

    /// As in Nomad those of one are not added to those of another.
    @Test func theLogsOfEachTaskHaveToFitAlone() {
        var job = plainJob()
        job.groups[0].disk.sizeMiB = 300
        job.groups[0].tasks = (0..<4).map { TaskSpec(name: "t\($0)") }
        #expect(JobValidation.validate(job.canonical()) == [], "400 MiB on a disk of 300")
        job.groups[0].tasks[1].logs.files = 31
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(mistakes.count == 1 && mistakes[0].contains("the logs of task \"t1\" may take 310 MiB"), "\(mistakes)")
    }

    @Test func numbersAtTheirBoundsAddUpWithoutOverflow() {
        var job = plainJob()
        let logs = LogRotation(files: .max, fileSizeMiB: .max)
        let resources = TaskResources(cpuMHz: JobLimits.amount, memoryMiB: JobLimits.amount)
        job.groups[0].tasks = (0..<1000).map { TaskSpec(name: "t\($0)", resources: resources, logs: logs) }
        _ = JobValidation.validate(job.canonical())
        for index in job.groups[0].tasks.indices { job.groups[0].tasks[index].logs = LogRotation(files: 1) }
        job.groups[0].disk.sizeMiB = JobLimits.amount
        #expect(JobValidation.validate(job.canonical()) == [])
        let total = job.groups[0].resources
        #expect(total.memoryMiB.multipliedReportingOverflow(by: JobLimits.count).overflow == false)
    }
}
