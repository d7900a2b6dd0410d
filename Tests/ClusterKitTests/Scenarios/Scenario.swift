import ClusterKit
import ClusterTesting
import Foundation
import Testing

/// A job, what happens to it, and the expected text of all that becomes true: a whole cluster under a virtual clock,
/// without chance. The expected text lies in `Golden`, and is renewed with `REWRITE=1` by whoever has read the
/// difference.
struct Scenario {
    /// The name of the expected text.
    let name: String
    var machines: [Node]
    var script: [ScriptStep] = []
    var course: @Sendable (TaskTurn) -> TaskCourse
    var duration: Duration
    /// How long a node counts as alive after a heartbeat. Long stories take a long time, and have less to tell.
    var heartbeatTTL = Duration.seconds(10)
    /// The clocks of places that jobs name.
    var zones: [String: String] = [:]
    /// Which lines belong to the story.
    var tells: @Sendable (String) -> Bool = { _ in true }

    init(
        _ name: String, for duration: Duration, machines: Int = 3, _ script: [ScriptStep],
        course: @escaping @Sendable (TaskTurn) -> TaskCourse = { _ in .runs }
    ) {
        self.name = name
        self.duration = duration
        self.machines = (1...machines).map { SampleCluster.node("node-\($0)", number: UInt64($0)) }
        self.script = script
        self.course = course
    }

    /// Runs it, compares what became true with the expected text, and gives the report for further questions.
    @discardableResult
    func check(_ source: SourceLocation = #_sourceLocation) throws -> WorldReport {
        var options = WorldOptions(
            machines: machines, script: script, duration: duration, course: course)
        options.server.heartbeatTTL = heartbeatTTL
        options.zones = zones
        let report = SimulatedWorld(options).run()
        #expect(report.violations.isEmpty, sourceLocation: source)
        let text = report.chronicle.filter(tells).joined(separator: "\n") + "\n"
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Golden/\(name).txt")
        let environment = ProcessInfo.processInfo.environment
        if environment["REWRITE"] == "1", environment["CI"] == nil {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: url, encoding: .utf8)
        #expect(
            text == expected, "\(name): renew the expected text with REWRITE=1 if this is right",
            sourceLocation: source
        )
        return report
    }
}

extension Job {
    /// A job as its file states it.
    static func file(_ text: String, _ source: SourceLocation = #_sourceLocation) throws -> Job {
        try JobFile(text: text).job()
    }

    /// A job with one group `main`. `group` are words of the group, `job` of the job; each task goes by its name, with
    /// words of its own.
    static func stated(
        _ id: String, _ type: JobKind = .service, job: String = "", group: String = "",
        tasks: KeyValuePairs<String, String> = ["server": ""]
    ) throws -> Job {
        let blocks = tasks.map { name, words in
            """
                task "\(name)" {
                  driver = "raw_exec"
                  config { command = "/bin/\(name)" }
                  resources { memory = 100 }
                  \(words)
                }
            """
        }
        return try .file(
            """
            job "\(id)" {
              type = "\(type.rawValue)"
              \(job)
              group "main" {
                \(group)
            \(blocks.joined(separator: "\n"))
              }
            }
            """)
    }

    /// The words of a service with a check that is made every five seconds.
    static let checkedService = """
        network { port "http" {} }
        service {
          name = "web"
          port = "http"
          check {
            type = "tcp"
            interval = "5s"
            timeout = "1s"
          }
        }
        """
}

extension ScriptStep {
    /// Someone asks for something about the newest instance of a name, by then.
    static func about(
        _ name: String, at time: Duration, _ request: @escaping @Sendable (Allocation) -> ServerRequest
    ) -> ScriptStep {
        ScriptStep(at: time) { $0.newest(name).map(request) }
    }

    /// A task tells how its work stands.
    static func tell(_ name: String, busy: Bool, keepCost: Double = 0, at time: Duration)
        -> ScriptStep
    {
        // The worlds of scenarios all begin at this moment.
        let wall = WallTime(nanoseconds: 1_790_000_000_000_000_000) + time
        return about(name, at: time) {
            .setWork($0.id, WorkStatus(isBusy: busy, keepCost: keepCost, time: wall))
        }
    }

    /// Someone asks for something about the newest roll-out of a job.
    static func order(_ job: JobID, _ order: DeploymentOrder, at time: Duration) -> ScriptStep {
        ScriptStep(at: time) { $0.deployments(of: job).last.map { .orderDeployment($0.id, order) } }
    }

    /// Someone asks for something about a node.
    static func node(
        _ name: String, at time: Duration, _ request: @escaping @Sendable (NodeID) -> ServerRequest
    ) -> ScriptStep {
        ScriptStep(at: time) { known in
            known.nodes.sorted.first { $0.name == name }.map { request($0.id) }
        }
    }

    /// An operator wants a node to be empty.
    static func drain(
        _ name: String, _ limit: DrainLimit = .standard, ignoringSystemJobs: Bool = false,
        at time: Duration
    ) -> ScriptStep {
        .node(name, at: time) {
            .drain($0, limit, ignoringSystemJobs: ignoringSystemJobs, reason: "maintenance")
        }
    }

    /// Someone asks the agent of the newest instance of a name to do something to its tasks.
    static func ask(_ name: String, _ question: Inquiry.Question, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, inquire: { known in known.newest(name).map { ($0.id, question) } })
    }
}
