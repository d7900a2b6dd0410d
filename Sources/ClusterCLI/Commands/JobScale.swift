import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job scale`
struct JobScale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Changes how many instances a group of a job has.",
        usage: "cluster job scale [<options>] <job> [<group>] <count>",
        discussion: "Watches the roll-out that it begins, and ends as cluster job run does.")

    @Argument(help: "The job; its group, when it has more than one; and how many instances that is to have.")
    var words: [String] = []

    @OptionGroup var connection: Connection

    @Option(
        name: .customLong("check-index"),
        help: "Only if the job's modify index is this one; 0 takes any, as in Nomad.", transform: NumberInput.index)
    var checkIndex: UInt64?

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        let wanted = try Wanted(words)
        try await connection.talk { client in
            let found = try await client.findWholeJob(wanted.job, connection, to: "scale it")
            let namespace = found.namespace ?? "default"
            let groups = try await client.scaleStatus(of: found.id, ReadOptions(namespace: namespace)).value.groups.keys
            let expected = checkIndex.flatMap { $0 > 0 ? Revision($0) : nil }
            let answer = try await client.scale(
                found.id, group: wanted.group(among: groups.sorted()), to: wanted.count, namespace: namespace,
                ifUnchangedSince: expected)
            try await aftermath.follow(
                answer.evaluation, done: "Job scaled", connection, client, namespace, rollout: .begun)
        }
    }

    /// What the words say, as Nomad's users write them.
    struct Wanted: Equatable {
        var job: String
        var group: String?
        var count: Int

        init(_ words: [String]) throws(ClusterError) {
            guard (2...3).contains(words.count) else {
                throw ClusterError(
                    .invalid,
                    "Say which job, which of its groups if there are several, and how many instances: "
                        + "cluster job scale JOB [GROUP] COUNT")
            }
            let last = words[words.count - 1]
            guard let count = Int(last), count >= 0 else {
                throw ClusterError(.invalid, "\"\(last)\" is no count; write how many instances are wanted.")
            }
            self.job = words[0]
            self.group = words.count == 3 ? words[1] : nil
            self.count = count
        }

        /// The group that is meant, of those that the job has.
        func group(among groups: [String]) throws(ClusterError) -> String {
            let names = groups.joined(separator: ", ")
            if let group {
                guard groups.contains(group) else {
                    throw ClusterError(.notFound, "Job \"\(job)\" has no group \"\(group)\"; it has \(names).")
                }
                return group
            }
            guard let only = groups.first, groups.count == 1 else {
                throw ClusterError(.invalid, "Job \"\(job)\" has several groups; say which is to be scaled: \(names)")
            }
            return only
        }
    }
}
