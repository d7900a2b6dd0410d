import ClusterClient
import FoundationEssentials
import Testing

@testable import ClusterCLI

@Suite struct StatusTests {
    private func check(_ status: String, _ health: String?) throws -> CheckWire {
        let words = health.map { "\"\($0)\"" } ?? "null"
        let text = """
            {"Service": "web", "Check": "alive", "Status": "\(status)", "Health": \(words), "Output": ""}
            """
        return try JSONDecoder().decode(CheckWire.self, from: Data(text.utf8))
    }

    @Test func anInstanceIsAsWellAsItsWorstCheck() throws {
        let (well, ill) = (try check("success", "passing"), try check("failure", "critical"))
        let (so, new) = (try check("failure", "warning"), try check("pending", "critical"))
        #expect(HealthText.worst([]) == nil)
        #expect(HealthText.worst([well, well]) == "passing")
        #expect(HealthText.worst([well, new]) == "pending")
        #expect(HealthText.worst([so, new, well]) == "warning")
        #expect(HealthText.worst([so, ill, well]) == "critical")
    }

    /// Nobody has looked for a node yet, so none has refused.
    @Test func whatWaitsForOtherWorkHasNotFailed() throws {
        let held = try #require(try Story.evaluation("blocked", refusals: Story.held).refusals)
        let short = try #require(try Story.evaluation("blocked", refusals: Story.tooLarge).refusals)
        #expect(JobFacts.title(of: held) == "Waiting for other work")
        #expect(JobFacts.title(of: short) == "Placement Failure")
        #expect(JobFacts.title(of: held.merging(short) { first, _ in first }) == "Placement Failure")
    }

    @Test func healthHasAColumnWhereThereAreChecks() throws {
        let two = [try Story.allocation(0, "running"), try Story.allocation(1, "running")]
        #expect(!AllocationTable.table(two, isVerbose: false).text.contains("Health"))
        let lines = AllocationTable.table(two, isVerbose: false, health: [two[0].id: "critical"]).text
            .split(separator: "\n")
        #expect(lines[0].contains("Status   Health"))
        #expect(lines[1].contains("running  critical"))
        #expect(lines[2].contains("running  <none>"))
    }
}
