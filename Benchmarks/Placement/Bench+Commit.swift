import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Bench {
    /// The instances of a large job of `commit`.
    private static let largeCount = 1000

    /// How many instances find room on the machines of `commit`, of which there are as many as of ours.
    var roomInCommit: Int { machines.count * CommitScenario.mostOnNode }

    /// So many large jobs are registered: all have to be placed, or what did not happen would be counted.
    private var largeJobs: Int { min(max(1, Int(seconds * 100)), roomInCommit / Self.largeCount) }
    private var singleJobs: Int { min(max(1, Int(seconds * 100)) * 100, roomInCommit) }

    /// Why nothing of it would be placed; `nil` when something is.
    var commitMisfit: String? {
        guard roomInCommit < Self.largeCount else { return nil }
        return "its jobs have \(Self.largeCount) instances, and \(machines.count) of its nodes hold \(roomInCommit)"
    }

    /// The whole way of jobs through a real server on a real store: jobs of 1,000 from 8 clients, and jobs of one
    /// from 64. Rates are per second of processor time of all threads, the clients' included; by the clock most of the
    /// time is waited for the disk.
    func commit() async throws -> [Figure] {
        let name = "placement-\(seed)-\(UInt32.random(in: 0 ... .max))"
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        defer { try? FileManager.default.removeItem(at: folder) }
        let scenarios = [
            CommitScenario(
                name: "commit", nodes: machines.count, jobs: largeJobs, count: Self.largeCount, clients: 8),
            CommitScenario(name: "commit-single", nodes: machines.count, jobs: singleJobs, count: 1, clients: 64),
        ]
        var figures: [Figure] = []
        for scenario in scenarios {
            for result in try await scenario.run(in: folder.appending(path: scenario.name).path) {
                var figure = figure(result)
                figure.clockPerSecond = Double(result.placements) / result.used.wall
                figures.append(figure)
            }
        }
        return figures
    }

    /// The steps of that way one by one, in one thread.
    func parts() -> [Figure] {
        let wanted = max(1, Int(seconds * 100))
        if wanted > largeJobs {
            Remark.say(
                "commit: \(machines.count) of its nodes hold \(roomInCommit) instances, so it registers \(largeJobs) "
                    + "jobs of \(Self.largeCount) and \(singleJobs) of one")
        }
        return PartsScenario(nodes: machines.count, jobs: largeJobs, count: Self.largeCount).run().map { figure($0) }
    }

    private func figure(_ result: CommitFigure) -> Figure {
        var figure = equalFigure(.commit, result.scenario)
        (figure.placements, figure.seconds) = (result.placements, result.used.cpu)
        figure.perSecond = figure.seconds > 0 ? Double(result.placements) / figure.seconds : .nan
        if result.bytes > 0 { figure.bytesPerAllocation = Double(result.bytes) / Double(max(1, result.placements)) }
        return figure
    }
}
