import ClusterKit
import ClusterTesting
import Testing

/// The simulated world as a tool for those who embed the library: jobs, a script and promises of their own.
@Suite struct WorldTests {
    private let machines = (1...3).map { SampleCluster.node("node-\($0)", number: UInt64($0), cores: 4) }

    private func run(
        _ script: [ScriptStep], for seconds: Int, settling: Int = 120, promises: [WorldPromise] = []
    ) -> WorldReport {
        var options = WorldOptions(
            machines: machines, script: script, duration: .seconds(seconds), settling: .seconds(settling))
        options.promises = promises
        return SimulatedWorld(options).run()
    }

    @Test func aScriptNamesMachinesThatAreThere() {
        let report = run([.loseMachine(0, at: .seconds(5), for: nil), .drain(3, at: .seconds(10))], for: 20)
        #expect(report.violations.map(\.rule) == ["a script names machines that are there"])
        #expect(report.violations.first?.detail.contains("step 1 names machine 3") == true)
    }

    @Test func whatIsRefusedStandsInTheReport() throws {
        let job = try Job.stated("web", group: "count = 1")
        let report = run(
            [
                .register(job, at: .seconds(10)),
                .revert(JobID("web"), to: 7, at: .seconds(20)),
                .order(.promote(groups: nil), of: JobID("unknown"), at: .seconds(30)),
                .crashServer(at: .seconds(40), for: .seconds(5)),
                .stop(JobID("web"), at: .seconds(41)),
            ], for: 60)
        #expect(report.violations.isEmpty)
        try #require(report.scriptFailures.count == 3)
        #expect(report.scriptFailures[0].hasPrefix("00:00:20.0 refused: ") && report.scriptFailures[0].contains("7"))
        #expect(report.scriptFailures[1] == "00:00:30.0 there is nothing to ask for")
        #expect(report.scriptFailures[2] == "00:00:41.0 nobody answers")
    }

    @Test func aPromiseOfOnesOwnIsLookedAt() throws {
        let job = try Job.stated("web", group: "count = 3\n" + Job.checkedService)
        let promise = WorldPromise("two of three are offered") { moment in
            guard moment.time > .seconds(60) else { return nil }
            let offered = moment.services.offered("web").count
            let running = moment.running.filter { moment.state.allocations[$0.allocation]?.job == job.id }.count
            return offered >= 2 ? nil : "\(offered) are offered, and \(running) run"
        }
        let kept = run(
            [.register(job, at: .seconds(10)), .stopInstance("web.main[0]", at: .seconds(90))], for: 200,
            promises: [promise])
        #expect(kept.violations.isEmpty)

        let broken = run(
            [.register(job, at: .seconds(10)), .scale(job.id, "main", to: 1, at: .seconds(90))], for: 200,
            promises: [promise])
        #expect(broken.violations.map(\.rule) == ["two of three are offered"])
        #expect(broken.violations.first?.detail.contains("1 are offered") == true)
    }

    @Test(arguments: [
        "constraint {\n attribute = \"${attr.kernel.name}\"\n value = \"windows\"\n }",
        "datacenters = [\"dc9\"]", "node_pool = \"gpu\"",
    ])
    func whatNoMachineMayTakeWaitsAtRest(rule: String) throws {
        let report = run([.register(try Job.stated("picky", job: rule), at: .seconds(10))], for: 60)
        #expect(report.violations.isEmpty)
        #expect(report.scriptFailures.isEmpty)
        #expect(report.state.evaluations(of: JobID("picky")).contains { $0.status == .blocked })
    }

    @Test func whatFindsNoCoresWaitsAtRest() throws {
        let job = try Job.file(
            """
            job "builds" {
              group "main" {
                count = 4
                task "build" {
                  driver = "raw_exec"
                  config { command = "/bin/build" }
                  resources {
                    cores = 4
                    memory = 100
                  }
                }
              }
            }
            """)
        let report = run([.register(job, at: .seconds(10))], for: 60)
        #expect(report.violations.isEmpty)
        #expect(report.state.allocations(of: job.id).count == 3)
    }

    @Test func aMachineIsDrainedAndOpenedAgain() throws {
        let job = try Job.stated("web", group: "count = 3")
        let home = run([.register(job, at: .seconds(10))], for: 60).state.allocations(of: job.id).map(\.nodeName)
        let machine = try #require(machines.firstIndex { $0.name == home[0] })
        let report = run(
            [
                .register(job, at: .seconds(10)), .drain(machine, .atOnce, at: .seconds(60)),
                .endDrain(of: machine, at: .seconds(200)),
                .setEligibility(.ineligible, of: machine, at: .seconds(300)),
            ], for: 320)
        #expect(report.violations.isEmpty)
        #expect(report.scriptFailures.isEmpty)
        let live = report.state.allocations(of: job.id).filter(\.isLive)
        #expect(live.count == 3)
        #expect(live.allSatisfy { $0.nodeName != home[0] })
        let node = try #require(report.state.nodes[machines[machine].id])
        #expect(node.drain == nil && node.eligibility == .ineligible)
        #expect(report.chronicle.contains { $0.contains("node \(home[0]) drains no longer") })
    }

    @Test func workGoesOnBesideAServerThatStoodStill() throws {
        let job = try Job.stated("web", group: "count = 2")
        let report = run(
            [
                .register(job, at: .seconds(10)),
                .pauseServer(at: .seconds(60), for: .seconds(30), successorAfter: .seconds(5)),
                .slowStore(by: .seconds(2), at: .seconds(70), for: .seconds(60)),
                .silenceStore(at: .seconds(75), for: .seconds(20)),
                .pauseAgent(of: 1, at: .seconds(80), for: .seconds(5)),
                .cutOff([0, 2], .inward, at: .seconds(85), for: .seconds(5)),
                .scale(job.id, "main", to: 3, at: .seconds(90)),
            ], for: 200)
        #expect(report.violations.isEmpty)
        #expect(report.scriptFailures.isEmpty)
        #expect(report.state.allocations(of: job.id).filter(\.isLive).count == 3)
        #expect(report.chronicle.contains { $0.contains("a server leads again") })
    }
}
