import ClusterKit
import ClusterTesting
import Testing

/// What is let go of, and when.
@Suite struct CollectionScenarios {
    /// An agent keeps the folders of the last fifty instances that have ended, whatever their age.
    @Test func anAgentKeepsFiftyEndedInstances() throws {
        let job = try Job.stated("build", .batch, group: "count = 53", tasks: ["compile": ""])
        var scenario = Scenario(
            "kept-folders", for: .seconds(90), machines: 1, [.register(job, at: .seconds(5))],
            course: { turn in .ends(after: .seconds(1 + turn.allocation.index)) })
        scenario.tells = {
            $0.contains("folders")
                || $0.contains("is complete") && $0.contains(/main\[(0|1|2|49|50|51|52)\]/)
        }
        try scenario.check()
    }

    /// The servers look every five minutes. An hour after its end goes what a service has left, and a roll-out that
    /// nothing runs of any more; after four hours a job that was stopped or is done, with all that is left of it; after
    /// a day what is left of batch work that goes on, and a node that is down.
    @Test func theServersKeepHoursAndDays() throws {
        let web = try Job.stated("web")
        let build = try Job.stated("build", .batch, tasks: ["compile": ""])
        let long = try Job.stated("long", .batch, group: "restart { attempts = 0 }", tasks: ["compute": ""])
        var scenario = Scenario(
            "server-collection", for: .seconds(32 * 3600), machines: 2,
            [
                .register(web, at: .seconds(60)), .register(build, at: .seconds(120)),
                .register(long, at: .seconds(180)),
                .about("web.main[0]", at: .seconds(1800)) { .stopAllocation($0.id) },
                .stop(web.id, at: .seconds(2 * 3600)), .loseMachine(1, at: .seconds(3 * 3600), for: nil),
            ],
            course: { turn in
                switch turn.task.name {
                case "compile": .ends(after: .seconds(60))
                case "compute" where turn.allocation.reschedules.isEmpty: .ends(after: .seconds(60), code: 1)
                default: .runs
                }
            })
        scenario.heartbeatTTL = .seconds(600)
        try scenario.check()
    }
}
