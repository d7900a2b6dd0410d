import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Bench {
    /// The whole way of jobs through a real server on a real store: jobs of 1,000 from 8 clients, and jobs of one
    /// from 64. Rates are per second of processor time of all threads, the clients' included; by the clock most of the
    /// time is waited for the disk.
    func commit() async throws -> [Figure] {
        let name = "placement-\(seed)-\(UInt32.random(in: 0 ... .max))"
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        defer { try? FileManager.default.removeItem(at: folder) }
        let large = max(1, Int(seconds * 100))
        let scenarios = [
            CommitScenario(
                name: "commit", nodes: machines.count, jobs: large, count: 1_000, clients: 8, scheduler: .binpack),
            CommitScenario(
                name: "commit1", nodes: machines.count, jobs: large * 100, count: 1, clients: 64, scheduler: .binpack),
        ]
        var figures: [Figure] = []
        for scenario in scenarios {
            for result in try await scenario.run(in: folder.appending(path: scenario.name).path) {
                var figure = figure(.commit)
                figure.scenario = result.scenario
                figure.placements = result.placements
                figure.seconds = result.cpu
                figure.perSecond = Double(result.placements) / result.cpu
                figure.clockPerSecond = Double(result.placements) / result.seconds
                if result.bytes > 0 {
                    figure.bytesPerAllocation = Double(result.bytes) / Double(max(1, result.placements))
                }
                figures.append(figure)
            }
        }
        return figures
    }

    /// The steps of that way one by one, in one thread.
    func parts() -> [Figure] {
        let jobs = max(1, Int(seconds * 100))
        return PartsScenario(nodes: machines.count, jobs: jobs, count: 1_000).run().map { result in
            var figure = figure(.commit)
            figure.scenario = String(result.scenario.dropFirst("parts-".count))
            figure.placements = result.placements
            figure.seconds = result.cpu
            figure.perSecond = result.cpu > 0 ? Double(result.placements) / result.cpu : .nan
            if result.bytes > 0 { figure.bytesPerAllocation = Double(result.bytes) / Double(max(1, result.placements)) }
            return figure
        }
    }
}
