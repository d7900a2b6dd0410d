import ClusterKit
import ClusterTesting

/// One day of a build cluster: what its users and operators want, and what its machines do. Everything is stated; what
/// becomes true is up to the cluster.
struct BuildDay {
    /// A platform that software is built for, with the machines that have it.
    struct Platform {
        let name: String
        let machines: ClosedRange<Int>
    }

    /// By their places in `machines`.
    static let platforms = [
        Platform(name: "alma9", machines: 0...14), Platform(name: "centos7", machines: 15...24),
        Platform(name: "ubuntu22", machines: 25...30), Platform(name: "macos-arm", machines: 31...33),
        Platform(name: "macos-x86", machines: 34...34),
    ]

    /// The build cluster of the ALICE experiment, each machine with its platform; the large ones have the first.
    static let machines: [Node] = {
        var machines = SampleCluster.alice()
        for place in machines.indices {
            let platform = platforms.first { $0.machines.contains(place) } ?? platforms[0]
            machines[place].meta["platform"] = platform.name
            machines[place].status = .initializing
        }
        return machines
    }()

    static func time(_ hours: Int, _ minutes: Int = 0, _ seconds: Int = 0) -> Duration {
        .seconds(hours * 3600 + minutes * 60 + seconds)
    }

    private static func on(_ platform: String) -> Constraint { Constraint("${meta.platform}", .equal, platform) }

    private static func task(_ name: String, cores: Int = 0, memoryMiB: Int) -> TaskSpec {
        TaskSpec(
            name: name, config: ["command": "/bin/work"], resources: TaskResources(cores: cores, memoryMiB: memoryMiB))
    }

    // MARK: - What is wanted

    /// Builders with warm caches, one group for each platform. The number of cores of one platform may be changed.
    static func builders(ubuntuCores: Int = 4) -> Job {
        let groups = platforms.map { platform in
            let cores = platform.name == "ubuntu22" ? ubuntuCores : 4
            return TaskGroup(
                name: platform.name, count: min(3, platform.machines.count), constraints: [on(platform.name)],
                tasks: [task("builder", cores: cores, memoryMiB: 6000)], disk: EphemeralDisk(sizeMiB: 240_000))
        }
        return Job(id: JobID("builders"), priority: 60, groups: groups)
    }

    /// Looks at one pull request.
    static func check(_ number: Int) -> Job {
        let platform = platforms[[0, 0, 0, 1, 2][number % 5]]
        var group = TaskGroup(
            name: "check", constraints: [on(platform.name)],
            tasks: [task("check", cores: 4, memoryMiB: 7000)],
            restart: RestartPolicy(attempts: 0, interval: .seconds(3600), delay: .seconds(1)),
            reschedule: ReschedulePolicy(RescheduleRule(attempts: 0, interval: .seconds(3600), unlimited: false)),
            disk: EphemeralDisk(sizeMiB: 20_000), kind: .batch)
        group.tasks[0].meta["number"] = String(number)
        return Job(id: JobID("check-\(number)"), kind: .batch, priority: 50, groups: [group])
    }

    /// Looks once at what is new in a pull request, and says which: a short piece of work for each.
    static let looks: Job = {
        let group = TaskGroup(
            name: "look", tasks: [task("look", memoryMiB: 200)], disk: EphemeralDisk(sizeMiB: 100), kind: .batch)
        var job = Job(id: JobID("look"), kind: .batch, groups: [group])
        job.parameterized = ParameterizedSpec(requiredMeta: ["pull"])
        return job
    }()

    /// A build that only the large machines can take, and as a whole.
    static func largeBuild(_ name: String, priority: Int) -> Job {
        let group = TaskGroup(
            name: "build", tasks: [task("build", cores: 16, memoryMiB: 200_000)],
            disk: EphemeralDisk(sizeMiB: 100_000), kind: .batch)
        return Job(id: JobID(name), kind: .batch, priority: priority, groups: [group])
    }

    /// A web service; a version of it may be bad.
    static func web(version: String) -> Job {
        let service = ServiceSpec(
            name: "web", portLabel: "http", tags: ["traefik.http.routers.web.rule=Host(`web.example.org`)"],
            checks: [CheckSpec(name: "alive", kind: "tcp", interval: .seconds(10), timeout: .seconds(2))])
        var server = task("server", memoryMiB: 500)
        server.environment["VERSION"] = version
        let group = TaskGroup(
            name: "web", count: 3, tasks: [server], network: NetworkSpec(ports: [PortSpec(label: "http")]),
            services: [service],
            update: UpdateStrategy(maxParallel: 1, healthyDeadline: .seconds(120), autoRevert: true))
        return Job(id: JobID("web"), priority: 70, groups: [group])
    }

    /// What is done at fixed times.
    static func scheduled(_ name: String, _ cron: String) -> Job {
        let group = TaskGroup(name: "run", tasks: [task("run", memoryMiB: 300)], kind: .batch)
        var job = Job(id: JobID(name), kind: .batch, groups: [group])
        job.periodic = PeriodicSpec([cron])
        return job
    }

    // MARK: - What happens

    /// The machines that lose power: one comes back after two hours, one never.
    static let lostMachines = [
        (machine: 1, at: time(7, 1), lasts: time(2)), (machine: 15, at: time(16, 1), lasts: nil),
    ]

    /// The machine that is taken out of service at noon.
    static let drained = "lxbuild10"

    static let checks = 720

    /// Fifty an hour.
    static let looksAtPulls = 1200

    /// The server is killed just before the full hour, when work begins, and stands still beside its successor later.
    private static let serverFaults: [ScriptStep] = [
        .crashServer(at: time(4, 59, 58), for: .seconds(5)),
        .pauseServer(at: time(20, 59, 50), for: .seconds(40), successorAfter: .seconds(8)),
    ]

    /// Every fiftieth pull request is broken.
    static func isBroken(_ number: Int) -> Bool { number % 50 == 49 }

    static var script: [ScriptStep] {
        var steps: [ScriptStep] = [
            .register(builders(), at: time(0, 0, 5)), .register(web(version: "1"), at: time(0, 0, 10)),
        ]
        for number in 0..<checks { steps.append(.register(check(number), at: time(0, 1 + number * 2))) }
        steps.append(.register(looks, at: time(0, 0, 20)))
        for number in 0..<looksAtPulls {
            let order = DispatchOrder(meta: ["pull": String(number)])
            steps.append(.dispatch(looks.id, order, at: time(0, 0, 30 + number * 72)))
        }
        steps += serverFaults
        for (machine, time, lasts) in lostMachines { steps.append(.loseMachine(machine, at: time, for: lasts)) }
        // The large machines are full, and four builds wait for them, when more important ones come.
        for number in 0..<8 {
            steps.append(.register(largeBuild("night-\(number)", priority: 40), at: time(13, 0, number)))
        }
        for number in 0..<4 {
            steps.append(.register(largeBuild("release-\(number)", priority: 90), at: time(13, 30, number)))
        }
        steps.append(.register(builders(ubuntuCores: 6), at: time(11)))
        steps.append(.register(scheduled("publish", "0 * * * *"), at: time(0, 0, 15)))
        steps.append(.register(scheduled("mirror", "*/15 * * * *"), at: time(0, 0, 15)))
        steps.append(.register(web(version: "bad"), at: time(10)))
        steps.append(
            ScriptStep(at: time(12)) { state in
                let node = state.nodes.sorted.first { $0.name == drained }
                return node.map {
                    .drain($0.id, .after(time(2)), ignoringSystemJobs: false, reason: "new disks")
                }
            })
        return steps
    }

    /// How long each piece of work takes, from a few minutes to hours, and how it ends.
    static func course(of turn: TaskTurn) -> TaskCourse {
        let name = turn.job.id.id
        if turn.task.name == "check", let number = turn.task.meta["number"].flatMap(Int.init) {
            return .ends(after: .seconds(120 + number * 7919 % 2400), code: isBroken(number) ? 1 : 0)
        }
        if turn.task.name == "run" { return .ends(after: .seconds(60)) }
        if turn.task.name == "look" { return .ends(after: .seconds(20)) }
        if turn.task.environment["VERSION"] == "bad" { return .sickens(after: .seconds(1)) }
        if name.hasPrefix("night") { return .ends(after: time(1)) }
        if name.hasPrefix("release") { return .ends(after: time(0, 30)) }
        return .runs
    }
}
