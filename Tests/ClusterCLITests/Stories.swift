import ClusterClient
import ClusterKit
import FoundationEssentials

@testable import ClusterCLI

/// Answers of servers, made up.
enum Story {
    static func evaluation(
        _ status: String, type: String = "service", refusals: String = "null", blocked: String = ""
    ) throws -> EvaluationWire {
        try decode(evaluationText(status, type: type, refusals: refusals, blocked: blocked))
    }

    static func evaluationText(
        _ status: String, type: String = "service", refusals: String = "null", blocked: String = ""
    ) -> String {
        """
        {"ID":"11111111-2222","JobID":"web","Type":"\(type)","Priority":50,"TriggeredBy":"job-register",
         "Status":"\(status)",
         "FailedTGAllocs":\(refusals),"BlockedEval":"\(blocked)","CreateIndex":1,"ModifyIndex":2}
        """
    }

    static func allocation(
        _ number: Int, _ status: String, description: String = "", evaluation: String = "11111111-2222",
        event: String? = nil, hasStarted: Bool = true, state: String = "running", group: String = "app"
    ) throws -> AllocationWire {
        try decode(
            allocationText(
                number, status, description: description, evaluation: evaluation, event: event, hasStarted: hasStarted,
                state: state, group: group))
    }

    static func allocationText(
        _ number: Int, _ status: String, description: String = "", evaluation: String = "11111111-2222",
        event: String? = nil, hasStarted: Bool = true, state: String = "running", group: String = "app",
        further: String = ""
    ) -> String {
        let start = hasStarted ? "2026-01-02T03:04:05Z" : "0001-01-01T00:00:00Z"
        let events = event.map { "[{\"Type\":\"\($0)\",\"Time\":5,\"DisplayMessage\":\"why\",\"ExitCode\":0}]" } ?? "[]"
        return """
            {"ID":"aaaaaaa\(number)-bbbb","Name":"web.\(group)[\(number)]","Namespace":"default",
             "EvalID":"\(evaluation)",
             "NodeID":"cccccccc-dddd","NodeName":"n\(number)","JobID":"web","JobVersion":0,"TaskGroup":"\(group)",
             "DesiredStatus":"run","ClientStatus":"\(status)","ClientDescription":"\(description)",
             "TaskStates":{"t":{"State":"\(state)","Failed":false,"Restarts":0,"StartedAt":"\(start)",
             "Events":\(events)}},\(further)
             "CreateIndex":1,"ModifyIndex":2,"CreateTime":1000000000,"ModifyTime":2000000000}
            """
    }

    static func check(_ name: String, _ status: String, _ health: String?, output: String = "") throws -> CheckWire {
        let words = health.map { "\"\($0)\"" } ?? "null"
        return try decode(
            """
            {"Service": "web", "Check": "\(name)", "Status": "\(status)", "Health": \(words), "Output": "\(output)"}
            """)
    }

    static let tooLarge = """
        {"app":{"NodesEvaluated":2,"NodesFiltered":1,"NodesExhausted":1,"ConstraintFiltered":{"datacenter":1},
         "DimensionExhausted":{"memory":1},"NodesAvailable":{"dc1":2},"CoalescedFailures":2,
         "Shortages":["memory: needs 9000 MiB, most free is 500 MiB on n1 (1 node looked at)"]}}
        """

    static let held = """
        {"web":{"NodesEvaluated":0,"NodesFiltered":0,"NodesExhausted":0,"ConstraintFiltered":null,
         "DimensionExhausted":null,"NodesAvailable":{},"CoalescedFailures":0,
         "Awaits":["group db is not healthy yet"]}}
        """

    static let forbidden = """
        {"app":{"NodesEvaluated":2,"NodesFiltered":2,"NodesExhausted":0,"ConstraintFiltered":{"datacenter":2},
         "DimensionExhausted":null,"NodesAvailable":{"dc1":2},"CoalescedFailures":0}}
        """

    static func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}
