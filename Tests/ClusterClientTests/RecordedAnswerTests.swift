import ClusterKit
// For the files that answers were recorded in, and for decoding them.
import Foundation
import Testing

@testable import ClusterClient

/// The client reads what a real Nomad answers, not only what our own servers do.
struct RecordedAnswerTests {
    private func recorded<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "ClusterHTTPTests/Fixtures/\(name).json")
        return try JSONDecoder().decode(Value.self, from: try Data(contentsOf: file))
    }

    @Test func jobsAreRead() throws {
        let job = try #require(try recorded("jobs", as: [JobListItem].self).first)
        #expect(job.id == "sample-svc" && job.status == "running" && job.jobModifyIndex == 9)
        #expect(job.summary?.groups["web"]?.running == 2)
        #expect(try recorded("job", as: JobHead.self).submitTime == 1_795_351_290_611_955_480)
        #expect(try recorded("job_summary", as: JobSummaryWire.self).groups.keys.sorted() == ["web"])
    }

    @Test func allocationsAreRead() throws {
        let listed = try recorded("job_allocations", as: [AllocationWire].self)
        #expect(listed.map(\.name).sorted() == ["sample-svc.web[0]", "sample-svc.web[1]"])
        let single = try recorded("allocation", as: AllocationWire.self)
        #expect(single.resources?.shared.ports?.first?.value == 21361)
        #expect(single.resources?.tasks["srv"]?.cpu.shares == 50)
        #expect(single.tasks?["srv"]?.events?.map(\.type) == ["Received", "Task Setup", "Started"])
        #expect(single.tasks?["srv"]?.finishedAt == nil)
    }

    @Test func nodesEvaluationsAndServersAreRead() throws {
        #expect(try recorded("nodes", as: [NodeWire].self).first?.drivers?["raw_exec"]?.healthy == true)
        let node = try recorded("node", as: NodeWire.self)
        #expect(node.resources?.memory.memoryMiB == 24105 && node.attributes?["kernel.name"] == "linux")
        #expect(try recorded("evaluation", as: EvaluationWire.self).trigger == "job-register")
        let rules = try recorded("scheduler_configuration", as: SchedulerAnswer.self).configuration
        #expect(rules.algorithm == "binpack" && rules.modifyIndex == 5 && rules.memoryOversubscription == nil)
        #expect(rules.preemption == .init(system: true, sysbatch: nil, batch: false, service: false))
        #expect(try recorded("agent_self", as: AgentSelfWire.self).config.version.number == "1.0.18")
        #expect(try recorded("post_jobs", as: WriteAnswer.self).evaluationIndex == 9)
        #expect(try recorded("delete_job", as: WriteAnswer.self).warnings == nil)
        #expect(try recorded("validate_job", as: ValidationAnswer.self).errors == nil)
    }
}
