import ClusterKit
import Testing

@Suite("Jobs stated in Swift")
struct JobBuilderTests {
    private func web(instances: Int, isFast: Bool) -> Job {
        Job("web", priority: 70, datacenters: ["dc1", "dc2"]) {
            UpdateStrategy(maxParallel: 2, minHealthyTime: .seconds(5), canary: 1, autoPromote: true)
            Constraint("${attr.kernel.name}", .equal, "linux")
            Group("frontend", count: instances) {
                PortSpec(label: "http")
                PortSpec(label: "admin", number: 9901, to: 8001)
                ServiceSpec(
                    name: "web", portLabel: "http",
                    tags: ["traefik.enable=true", "traefik.http.routers.web.rule=Host(`web.example.org`)"],
                    checks: [
                        CheckSpec(
                            kind: "http", path: "/health", header: ["Accept": ["application/json"]],
                            interval: .seconds(10), timeout: .seconds(2), restartLimit: 3, restartGrace: .seconds(90))
                    ])
                RestartPolicy(attempts: 5, interval: .seconds(1800), delay: .seconds(10))
                server(isFast: isFast)
            }
        }
    }

    private func server(isFast: Bool) -> TaskSpec {
        var task = TaskSpec("server", command: "/usr/bin/server", "--port", "${NOMAD_PORT_http}") {
            if isFast {
                Environment(["MODE": "fast"])
            } else {
                Environment(["MODE": "slow"])
            }
            for host in ["${attr.unique.hostname}"] { Environment(["HOST": host]) }
            TaskResources(cpuMHz: 500, memoryMiB: 256, memoryMaxMiB: 512)
            LogRotation(files: 3, fileSizeMiB: 5)
        }
        task.killSignal = "SIGTERM"
        task.killTimeout = .seconds(20)
        return task
    }

    @Test func fileDocumentAndBuilderStateOneJob() throws {
        let file = try Fixture.file("web").job()
        #expect(try web(instances: 2, isFast: true).validated() == file)
        #expect(try JobDocument(json: JobDocument(file).json).job() == file)
        #expect(web(instances: 3, isFast: true).canonical() != file)
        #expect(web(instances: 2, isFast: false).canonical() != file)
    }

    @Test func everyFileEqualsItsDocument() throws {
        for name in Fixture.jobFiles {
            let job = try Fixture.file(name).job()
            #expect(try JobDocument(json: JobDocument(job).json).job() == job, "\(name)")
        }
    }

    @Test func kindDecidesWhatIsLeftOut() throws {
        let batch = Job("hello", kind: .batch) {
            Group("greeter") { TaskSpec("greet", command: "/bin/echo", "hello") }
        }
        #expect(try batch.validated() == Fixture.file("hello").job())
    }
}
