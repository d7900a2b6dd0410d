import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job history`
struct JobHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Shows the kept versions of a job: who made them, why, and what they changed."
    )

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Flag(name: .customShort("p"), help: "Show what each version changed.")
    var changes = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let options = ReadOptions(namespace: found.namespace ?? "default")
            let answer = try await client.versions(of: found.id, options)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(Self.text(answer.value, of: found.id, withChanges: changes))
        }
    }

    static func text(_ history: JobVersionsWire, of job: String, withChanges: Bool) -> String {
        let head = Section(title: "", body: Table.pairs([("Job ID", job)]))
        let sections = history.versions.enumerated().map { place, version in
            let note = history.notes?.first { $0.version == version.version }
            var pairs = [
                ("Version", "\(version.version)"), ("Stable", "\(version.stable)"),
                ("Submit Date", TimeText.point(version.submitTime ?? 0)),
            ]
            if let note, !note.tag.isEmpty { pairs.append(("Tag Name", AllocationText.whole(note.tag))) }
            if let note, !note.author.isEmpty { pairs.append(("Author", AllocationText.whole(note.author))) }
            if let note, !note.reason.isEmpty { pairs.append(("Reason", AllocationText.whole(note.reason))) }
            var text = Table.pairs(pairs.map { (name: $0.0, value: $0.1) })
            if withChanges, let diffs = history.diffs, place < diffs.count {
                text += "\nDiff\n" + DiffText.text(diffs[place])
            }
            return Section(title: "", body: text)
        }
        return Section.text([head] + sections)
    }
}

/// `cluster job revert`
struct JobRevert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revert", abstract: "Runs a job as an older version states it: a new version that says the same.")

    @Argument(help: "The job.")
    var job: String

    @Argument(help: "The version, or the name that it was given.")
    var version: String

    @OptionGroup var connection: Connection

    @Option(help: "Why; kept with the version.")
    var reason = ""

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        guard !version.isEmpty else {
            throw ClusterError(
                .invalid, "Say which version, by its number or its name; see: cluster job history \(job)")
        }
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "revert it")
            let namespace = found.namespace ?? "default"
            var number = Int(version)
            if number == nil {
                let history = try await client.versions(of: found.id, ReadOptions(namespace: namespace)).value
                number = history.notes?.first { $0.tag == version }?.version
            }
            guard let number else {
                throw ClusterError(
                    .notFound,
                    "Job \"\(found.id)\" has no version tagged \"\(version)\"; see: cluster job history \(job)")
            }
            let note = ChangeNote(
                author: Author.name, reason: "reverted to version \(number)" + (reason.isEmpty ? "" : ": \(reason)"))
            let answer = try await client.revert(found.id, to: number, namespace: namespace, note: note)
            try await aftermath.follow(
                answer.evaluation, done: "Job reverted", connection, client, namespace, rollout: .begun)
        }
    }
}

/// `cluster job promote`
struct JobPromote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Takes the canaries of a job's newest deployment for good.")

    @Argument(help: "The job.")
    var job: String

    @OptionGroup var connection: Connection

    @Option(help: "Only this group; may be repeated.")
    var group: [String] = []

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "promote it")
            let namespace = found.namespace ?? "default"
            let newest = try await client.newestDeployment(of: found.id, ReadOptions(namespace: namespace)).value
            guard let newest else {
                throw ClusterError(.notFound, "Job \"\(found.id)\" has no deployment to promote.")
            }
            let update = try await client.promote(deployment: newest.id, groups: group)
            try await aftermath.follow(
                update.evaluation, done: "Deployment promoted", connection, client, namespace,
                rollout: .known(newest.id))
        }
    }
}

/// `cluster job tag`
struct JobTag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Gives a version of a job a name, by which it is kept; or takes it away.")

    @Argument(help: "The job.")
    var job: String

    @Option(help: "The name.")
    var name: String

    @OptionGroup var connection: Connection

    @Option(help: "The version; the newest without.", transform: NumberInput.whole)
    var version: Int?

    @Option(help: "What it is for.")
    var description = ""

    @Flag(help: "Take the name away.")
    var unset = false

    func validate() throws {
        guard !name.isEmpty, !name.contains("/") else {
            throw ValidationError("The name of a version must not be empty, and has no / in it.")
        }
        guard !name.unicodeScalars.contains(where: \.isControl) else {
            throw ValidationError("The name of a version has no control characters in it.")
        }
    }

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "tag it")
            let namespace = found.namespace ?? "default"
            if unset {
                let answer = try await client.untag(found.id, name: name, namespace: namespace)
                return connection.confirm(
                    "Tag \"\(name)\" removed from job \"\(found.id)\"", ("JobID", .string(found.id)),
                    ("Name", .null), answer.indexFact)
            }
            let history = try await client.versions(of: found.id, ReadOptions(namespace: namespace)).value
            let answer = try await client.tag(
                found.id, version: version, as: name, description: description, namespace: namespace)
            let tagged = version ?? history.versions.first?.version
            let old = history.notes?.first { $0.version == tagged }?.tag ?? ""
            let instead =
                old.isEmpty || old == name ? "" : "; that version was tagged \"\(AllocationText.whole(old))\" before"
            connection.confirm(
                "Job \"\(found.id)\" tagged \"\(name)\"\(instead)", ("JobID", .string(found.id)),
                ("Name", .string(name)),
                answer.indexFact)
        }
    }
}
