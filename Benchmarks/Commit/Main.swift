import ClusterKit
import FoundationEssentials

/// What it costs to get jobs registered, looked at, placed and stored: `Commit [--json] [--quick] [PART ...]`, where a
/// part is `parts`, `large`, `small` or `million`.
@main enum Main {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let report = Report(isJSON: arguments.contains("--json"))
        let isQuick = arguments.contains("--quick")
        let parts = arguments.filter { !$0.hasPrefix("-") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "commit-benchmark-\(getProcess())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func wants(_ part: String) -> Bool { parts.isEmpty || parts.contains(part) }

        report.begin()
        if wants("parts") {
            for (jobs, count) in isQuick ? [(100, 1_000)] : [(1_000, 1_000), (1, 1_000_000)] {
                for figure in PartsScenario(nodes: 100_000, jobs: jobs, count: count).run() { report.show(figure) }
            }
        }
        for scheduler in SchedulerChoice.allCases {
            if wants("large") {
                let large = CommitScenario(
                    name: "commit-1000", nodes: 5_000, jobs: isQuick ? 20 : 100, count: 1_000, clients: 8,
                    scheduler: scheduler)
                for figure in try await large.run(in: "\(folder)/large-\(scheduler)") { report.show(figure) }
            }
            if wants("small") {
                let small = CommitScenario(
                    name: "commit-1", nodes: 5_000, jobs: isQuick ? 2_000 : 20_000, count: 1, clients: 64,
                    scheduler: scheduler)
                for figure in try await small.run(in: "\(folder)/small-\(scheduler)") { report.show(figure) }
            }
        }
        if wants("million") {
            let million = CommitScenario(
                name: "million", nodes: isQuick ? 10_000 : 100_000, jobs: isQuick ? 100 : 1_000, count: 1_000,
                clients: 8, scheduler: .turns)
            for figure in try await million.run(in: "\(folder)/million") { report.show(figure) }
        }
    }

    private static func getProcess() -> Int { Int(ProcessInfo.processInfo.processIdentifier) }
}
