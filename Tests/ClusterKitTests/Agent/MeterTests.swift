import ClusterTesting
import Foundation
import Logging
import Testing

@testable import ClusterKit

@Suite struct MeterTests {
    private let handle = TaskHandle(driver: "raw_exec", allocation: AllocationID(high: 1, low: 2), task: "main")

    private func value(_ metric: Metric, in samples: [Sample]) -> Double? {
        guard let sample = samples.first(where: { $0.metric == metric }), case .value(let value) = sample.reading
        else { return nil }
        return value
    }

    @Test func processorTimeBecomesNomadsFigures() {
        let figures = MeterTaskFigures(host: "n1", coreMHz: 2000)
        let entry = MeterBoard.Entry(
            handle: handle, job: JobID("web", namespace: "dev"), group: "all",
            resources: TaskResources(cpuMHz: 500, memoryMiB: 64))
        var usage = TaskUsage(userTime: .seconds(10), systemTime: .seconds(1))
        let earlier = MeterTaskFigures.Look(usage: usage, at: Uptime(nanoseconds: 0))
        usage.userTime = .seconds(22)
        usage.systemTime = .seconds(4)
        usage.residentMemory = 4096
        let look = MeterTaskFigures.Look(usage: usage, at: Uptime(nanoseconds: 10_000_000_000))
        let samples = figures.samples(of: entry, look, since: earlier)
        #expect(value(.taskCPUTicks, in: samples) == 3000)
        #expect(value(.taskCPUPercent, in: samples) == 150)
        #expect(value(.taskCPUUser, in: samples) == 120)
        #expect(value(.taskCPUSystem, in: samples) == 30)
        #expect(value(.taskCPUAllocated, in: samples) == 500)
        #expect(value(.taskMemoryAllocated, in: samples) == 67_108_864)
        #expect(value(.taskMemoryRSS, in: samples) == 4096)
        #expect(value(.taskMemoryCache, in: samples) == nil, "what is not known is not stated")
        let labels = [handle.allocation.description, "n1", "web", "dev", "main", "all"]
        #expect(
            samples.allSatisfy { Array($0.labels.prefix(6)) == labels && $0.labels.count == $0.metric.labels.count })
        // Processes that ended take their time along; a rate below nothing would be nonsense.
        let back = figures.samples(of: entry, earlier, since: look)
        #expect(value(.taskCPUTicks, in: back) == nil)
        let fallen = MeterTaskFigures.Look(usage: earlier.usage, at: look.at + .seconds(1))
        #expect(value(.taskCPUTicks, in: figures.samples(of: entry, fallen, since: look)) == 0)
    }

    @Test func coresHeldExclusivelyCountWhole() {
        let figures = MeterTaskFigures(host: "n1", coreMHz: 2000)
        let entry = MeterBoard.Entry(
            handle: handle, job: JobID("web"), group: "all", resources: TaskResources(cores: 3))
        let look = MeterTaskFigures.Look(usage: TaskUsage(), at: Uptime(nanoseconds: 0))
        #expect(value(.taskCPUAllocated, in: figures.samples(of: entry, look, since: nil)) == 6000)
    }

    #if os(Linux)
        @Test func theMachineIsRead() {
            var before = HostFigures()
            before.readStat("cpu  9 9\ncpu0 100 0 50 800 20 5 5 20 7 0\ncpu1 1 2\nintr 5\n")
            var after = HostFigures()
            after.readStat("cpu0 130 10 60 820 30 5 5 40 7 0\n")
            after.readMemory("MemTotal:  1000 kB\nMemFree: 100 kB\nMemAvailable:   400 kB\n")
            let samples = after.samples(since: before, labels: ["dc1", "n1", "none", "id"])
            #expect(value(.hostCPUUser, in: samples) == 40)
            #expect(value(.hostCPUSystem, in: samples) == 10)
            #expect(value(.hostCPUIdle, in: samples) == 20)
            #expect(value(.hostCPUWait, in: samples) == 10)
            #expect(value(.hostCPUSteal, in: samples) == 20)
            #expect(value(.hostCPUTotal, in: samples) == 50)
            #expect(value(.hostMemoryUsed, in: samples) == 614_400)
            #expect(samples.first?.labels == ["cpu0", "dc1", "n1", "none", "id"])
            let now = HostFigures.now(dataFolder: "/tmp", disk: "/dev/x")
            #expect(!now.cores.isEmpty && now.memory != nil && (now.disk?.size ?? 0) > 0 && (now.uptime ?? 0) > 0)
        }

        @Test func controlGroupsAreRead() {
            var usage = TaskUsage(userTime: .seconds(1))
            usage.takeProcessor(
                KeyedNumbers(
                    "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 5\nnr_throttled 2\nthrottled_usec 7\n"))
            usage.takeMemory(
                KeyedNumbers("anon 100\nfile 200\nkernel 30\n"), current: 330, peak: 400, swap: nil)
            #expect(usage.userTime == .microseconds(20) && usage.systemTime == .microseconds(10))
            #expect(usage.throttledPeriods == 2 && usage.throttledTime == .microseconds(7))
            #expect(usage.residentMemory == 100 && usage.cache == 200 && usage.memory == 330)
            #expect(usage.peakMemory == 400 && usage.kernelMemory == 30 && usage.swap == nil)
        }

        @Test(arguments: [Workshop.Way.inProcess, .inProcessWithoutGroups])
        func aTaskThatWorksIsSeenToWork(way: Workshop.Way) async throws {
            let workshop = try Workshop(way)
            let driver = try workshop.driver()
            // A child works too, and one has ended: what the group counts includes it.
            let request = try workshop.script("(while :; do :; done) & while :; do :; done")
            let handle = try await driver.start(request)
            var usage = try await driver.usage(of: handle)
            let hasWorked = try await eventually {
                usage = try await driver.usage(of: handle)
                return usage.userTime >= .milliseconds(200)
            }
            #expect(hasWorked)
            #expect(usage.processes == 2)
            #expect((usage.residentMemory ?? 0) > 100_000)
            try await driver.stop(handle, signal: "SIGKILL", grace: .zero)
            await #expect(throws: ClusterError.self) { try await driver.usage(of: handle) }
            try await driver.remove(handle)
        }

        @Test func whatAnAgentMeasuresIsInTheServersSink() async throws {
            let scratch = try ScratchFolder()
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let sink = PrometheusSink()
            let server = Server(
                store: MemoryStore(), metrics: sink, configuration: patient, logger: quiet, seed: 1)
            var configuration = AgentConfiguration(dataFolder: scratch.path + "/agent")
            configuration.nodeName = "node-a"
            configuration.secrets = .folder
            configuration.stopTasksOnShutdown = true
            configuration.measureInterval = .seconds(1)
            try FileManager.default.createDirectory(atPath: configuration.dataFolder, withIntermediateDirectories: true)
            let driver = try ProcessDriver(
                supervision: .inProcess, stateFolder: scratch.path + "/tasks", logger: quiet)
            let agent = Agent(link: server, drivers: [driver], configuration: configuration, logger: quiet)
            let task = TaskSpec(
                name: "main", config: ["command": "/bin/sh", "args": ["-c", "while :; do :; done"]])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                _ = await server.untilLeading()
                group.addTask { try await agent.run() }
                _ = try await server.register(
                    Job(id: JobID("busy"), groups: [TaskGroup(name: "all", tasks: [task])]))
                let names: Set = [
                    "nomad_client_allocs_cpu_total_ticks", "nomad_client_allocs_memory_rss", "nomad_client_uptime",
                    "cluster_client_allocs_disk_usage_bytes", "nomad_client_host_cpu_user",
                ]
                #expect(await eventually { names.isSubset(of: sink.samples.map(\.metric.name)) })
                let id = try #require(server.snapshot.allocations.sorted.first).id
                let ticks = sink.samples.first { $0.metric == .taskCPUTicks }
                #expect(ticks?.labels == [id.description, "node-a", "busy", "default", "main", "all"])
                // Or it would keep a processor busy for as long as the other tests run.
                _ = try await server.stop(JobID("busy"))
                #expect(await eventually { server.snapshot.allocations[id]?.client.isTerminal == true })
                group.cancelAll()
            }
        }
    #endif

    @Test func aServerTakesFromAgentsOnlyWhatIsTheirs() async throws {
        let sink = PrometheusSink()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = Server(store: MemoryStore(), metrics: sink, logger: quiet, seed: 1)
        let node = Node(
            id: NodeID(high: 1, low: 1), name: "one", capacity: Resources(cpuMHz: 4000, memoryMiB: 4096, diskMiB: 4096),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            _ = await server.untilLeading()
            await #expect(throws: ClusterError.self) { try await server.record([], from: node.id) }
            _ = try await server.register(node)
            _ = try await server.register(makeJob())
            #expect(await eventually { server.snapshot.allocations.count == 1 })
            let id = try #require(server.snapshot.allocations.sorted.first).id
            func labels(_ id: String) -> [String] { [id, "a stolen name", "web", "default", "main", "all"] }
            try await server.record(
                [
                    Sample(.taskMemoryRSS, labels(id.description), .value(1)),
                    Sample(.taskMemoryRSS, labels(AllocationID(high: 5, low: 5).description), .value(1)),
                    Sample(.taskMemoryRSS, labels("nonsense"), .value(1)), Sample(.registryUp, [], .value(0)),
                    Sample(Metric("mine", .gauge, .count, help: ""), [], .value(1)),
                    Sample(.hostUptime, ["dc1", "x", "none", "other"], .value(5)),
                    Sample(.hostUptime, ["dc1", "x", String(repeating: "y", count: 600), "other"], .value(5)),
                ], from: node.id)
            var named = labels(id.description)
            named[1] = "one"
            #expect(
                Set(sink.samples) == [
                    Sample(.taskMemoryRSS, named, .value(1)),
                    Sample(.hostUptime, ["dc1", "one", "none", node.id.description], .value(5)),
                ])
            #expect(sink.text().contains("dropped_samples_total{reason=\"unknown\"} 5\n"))
            group.cancelAll()
        }
    }

    @Test func samplesTravelByName() throws {
        let samples = [
            Sample(.taskMemoryRSS, ["a", "b", "c", "d", "e", "f"], .value(1.5)),
            Sample(.taskCPUSeconds, [], .total(2)), Sample(.droppedSamples, ["limit"], .increment(3)),
            Sample(
                Metric("unheard_of", .histogram, .bytes, labels: ["a"], limits: [1], help: "x"), ["b"],
                .observations(counts: [1, .max], sum: -4)),
        ]
        let read = try [Sample](decoding: samples.encoded)
        #expect(read.prefix(3) == samples.prefix(3))
        #expect(read[3].metric.name == "unheard_of" && read[3].reading == samples[3].reading)
        for cut in 0..<samples.encoded.count {
            #expect(throws: RecordError.self) { try [Sample](decoding: Array(samples.encoded.prefix(cut))) }
        }
    }
}
