import ClusterKit
import Testing

@Suite("Job files")
struct JobFileTests {
    private func job(_ name: String, _ variables: [String: String] = [:]) throws -> Job {
        try Fixture.file(name, variables).job()
    }

    @Test func smallestJobHasNomadsDefaults() throws {
        let job = try job("hello")
        #expect(job.id == JobID("hello") && job.name == "hello" && job.kind == .batch && job.priority == 50)
        #expect(job.region == "global" && job.datacenters == ["*"] && job.nodePool == "default")
        #expect(job.update == nil)
        let group = try #require(job.groups.first)
        #expect(group.count == 1 && group.disk.sizeMiB == 300 && group.network == nil)
        #expect(group.restart == RestartPolicy(attempts: 3, interval: .seconds(86_400), delay: .seconds(15)))
        #expect(group.reschedule == .standard(for: .batch))
        let task = try #require(group.tasks.first)
        #expect(task.config == ["command": "/bin/echo", "args": ["hello"]])
        #expect(task.resources == TaskResources(cpuMHz: 100, memoryMiB: 300))
        #expect(task.killTimeout == .seconds(5) && task.killSignal == nil && task.logs == LogRotation())
    }

    @Test func everyBlockOfAServiceIsRead() throws {
        let job = try job("web")
        #expect(job.priority == 70 && job.datacenters == ["dc1", "dc2"])
        #expect(job.constraints == [Constraint("${attr.kernel.name}", .equal, "linux")])
        let update = UpdateStrategy(maxParallel: 2, minHealthyTime: .seconds(5), canary: 1, autoPromote: true)
        #expect(job.update == update)
        let group = try #require(job.group("frontend"))
        #expect(group.update == update && group.count == 2)
        #expect(group.restart == RestartPolicy(attempts: 5, interval: .seconds(1800), delay: .seconds(10)))
        // Fixed ports come first, as JSON keeps them apart.
        #expect(
            group.network?.ports == [PortSpec(label: "admin", number: 9901, to: 8001), PortSpec(label: "http")])
        let service = try #require(group.services.first)
        #expect(service.name == "web" && service.portLabel == "http" && service.tags.count == 2)
        #expect(service.tags.last == "traefik.http.routers.web.rule=Host(`web.example.org`)")
        let check = try #require(service.checks.first)
        #expect(check.kind == "http" && check.path == "/health" && check.method == "GET")
        #expect(check.interval == .seconds(10) && check.timeout == .seconds(2))
        #expect(check.header == ["Accept": ["application/json"]])
        #expect(check.restartLimit == 3 && check.restartGrace == .seconds(90))
        #expect(check.name == "service: \"web\" check")
        let task = try #require(group.task("server"))
        #expect(task.config["args"] == ["--port", "${NOMAD_PORT_http}"])
        #expect(task.environment == ["MODE": "fast", "HOST": "${attr.unique.hostname}"])
        #expect(task.resources == TaskResources(cpuMHz: 500, memoryMiB: 256, memoryMaxMiB: 512))
        #expect(task.killSignal == "SIGTERM" && task.killTimeout == .seconds(20))
        #expect(task.logs == LogRotation(files: 3, fileSizeMiB: 5))
    }

    @Test func variablesLocalsAndDynamicBlocks() throws {
        let job = try job("builder", ["branch": "1234", "workers": "7"])
        #expect(job.groups.map(\.name) == ["build-slc8", "build-ubuntu2204"] && job.nodePool == "build")
        let group = try #require(job.groups.last)
        #expect(group.count == 7 && group.disk.sizeMiB == 245_760)
        #expect(
            group.constraints == [
                Constraint("${meta.platforms}", .setContains, "ubuntu2204"), Constraint("", .distinctHosts),
            ])
        let task = try #require(group.tasks.first)
        #expect(task.config["args"] == ["--name", "pr-1234", "--platform", "ubuntu2204"])
        #expect(task.resources == TaskResources(cpuMHz: 0, cores: 16, memoryMiB: 28_672))
        #expect(task.killTimeout == .seconds(120))
        #expect(try self.job("builder").groups.first?.count == 4)
    }

    @Test func valuesAlsoComeFromAFile() throws {
        let values = try VariableFile.read("branch = \"1234\"\nworkers = 3 + 4\n", file: "v.hcl")
        #expect(try job("builder", ["branch": "1234", "workers": "7"]) == job("builder", values))
        let list = try VariableFile.read("env = { A = \"x\" }")
        #expect(try job("expressions", list).groups.first?.tasks.first?.config["args"] == ["A=x"])
        let error = #expect(throws: ClusterError.self) { try VariableFile.read("a {}\nb = nothing", file: "v.hcl") }
        #expect(error?.message.hasPrefix("v.hcl:1,1: error: a file of variables holds values") == true)
        #expect(error?.message.contains("v.hcl:2,5") == true)
    }

    @Test func tasksOfOneGroupKeepTheirOwnWords() throws {
        let job = try job("sidecar")
        let group = try #require(job.groups.first)
        let (db, backup) = (try #require(group.task("db")), try #require(group.task("backup")))
        #expect(group.network == NetworkSpec(ports: [PortSpec(label: "db", number: 5432)]))
        #expect(db.meta(in: group, of: job) == ["owner": "ops", "tier": "2"])
        #expect(backup.meta(in: group, of: job) == ["owner": "ops", "tier": "3"])
        #expect(backup.restart?.attempts == 0 && backup.restart?.interval == .seconds(1800) && db.restart == nil)
        #expect(backup.killTimeout == .seconds(45))
        let service = try #require(db.services.first)
        #expect(service.name == "sidecar-pair-db" && service.task == "db")
        #expect(service.checks.map(\.kind) == ["tcp", "script"])
        #expect(service.checks.last?.arguments == ["-c", "select 1"])
    }

    @Test func policiesAreMergedWithTheirDefaults() throws {
        let cron = try #require(job("cron").groups.first)
        #expect(
            cron.reschedule
                == ReschedulePolicy(
                    RescheduleRule(
                        attempts: 3, interval: .seconds(3600), delay: .seconds(10), delayFunction: .fibonacci,
                        maxDelay: .seconds(300), unlimited: false)))
        #expect(
            cron.restart
                == RestartPolicy(attempts: 1, interval: .seconds(3600), delay: .seconds(15), mode: .delay))
        #expect(
            cron.tasks.first?.config["args"]
                == ["-c", "set -e\nfind /repo -name '*.tmp' -mtime +7 -delete\n"])

        let unlimited = try job("unlimited")
        #expect(unlimited.group("a")?.reschedule.rule.unlimited == true)
        #expect(unlimited.group("a")?.reschedule.rule.attempts == 0)
        #expect(unlimited.group("b")?.reschedule.rule.unlimited == false)
        #expect(unlimited.group("b")?.reschedule.rule.attempts == 2)
        #expect(unlimited.group("b")?.reschedule.rule.delay == .seconds(60))

        let rollout = try job("rollout")
        #expect(
            rollout.group("own")?.update
                == UpdateStrategy(
                    maxParallel: 3, healthCheck: "task_states", healthyDeadline: .seconds(120),
                    progressDeadline: .zero, autoRevert: true))
        #expect(rollout.group("inherits")?.update == UpdateStrategy(maxParallel: 3))
    }

    @Test func driverConfigurationTakesAnyShape() throws {
        let config = try #require(job("docker").groups.first?.tasks.first?.config)
        #expect(config["image"] == "redis:7" && config["privileged"] == false)
        #expect(config["port_map"] == .list([.object(["redis": 6379])]))
        #expect(config["labels"] == .object(["com.example.tier": "cache"]))
        #expect(config["cpu_quota"] == .double(1.5) && config["shm_size"] == 67_108_864)
        #expect(
            config["mount"]
                == .list([
                    .object(["type": "bind", "source": "local"]), .object(["type": "tmpfs", "target": "/run"]),
                ]))
    }

    @Test func constraintsInAllTheirForms() throws {
        let job = try job("constraints")
        #expect(job.datacenters == ["eu-*"])
        #expect(
            job.constraints == [
                Constraint("${attr.cpu.numcores}", .greaterOrEqual, "16"), Constraint("", .distinctHosts),
            ])
        #expect(
            job.groups.first?.constraints == [
                Constraint("${meta.gpu}", .isSet), Constraint("${meta.broken}", .isNotSet),
            ])
        #expect(
            job.groups.first?.tasks.first?.constraints == [
                Constraint("${meta.tags}", .setContainsAny, "a,b"), Constraint("${node.class}", .notEqual, "test"),
            ])
    }

    @Test func namesExpressionsAndServices() throws {
        let named = try job("namespaced")
        #expect(named.id == JobID("team/app", namespace: "team-a") && named.name == "The app")
        #expect(named.region == "europe" && named.groups.first?.count == 0)

        let task = try #require(job("expressions").groups.first?.tasks.first)
        #expect(task.driver == "raw_exec" && task.resources.memoryMiB == 256)
        #expect(task.config == ["command": "/bin/true", "args": ["A=1", "B=2"]])
        #expect(task.environment == ["A": "1", "B": "2", "NODE": "${node.unique.name}", "C": "007"])
        #expect(try job("expressions", ["debug": "true"]).groups.first?.count == 1)

        let services = try #require(job("services").groups.first?.services)
        #expect(services.map(\.name) == ["svc-api-svc-api", "svc-api"])
        #expect(services[0].provider == "nomad" && services[0].canaryTags == ["canary"])
        let check = try #require(services[0].checks.first)
        #expect(check.restartLimit == 2 && check.restartIgnoresWarnings && check.onUpdate == "ignore_warnings")
        #expect(check.protocol == "https" && check.skipsVerification && check.portLabel == "metrics")
        #expect(check.successBeforePassing == 2 && check.failuresBeforeCritical == 3 && check.body == "{}")
    }
}
