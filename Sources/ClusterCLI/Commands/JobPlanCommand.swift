import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job plan`
struct JobPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what registering a job would change, and which tasks it would restart.",
        discussion: "Ends with 0 when nothing would be created or ended, 1 when something would, 255 on an error.")

    @Argument(help: "The job file, HCL or JSON; - reads the standard input.", completion: .file())
    var file: String

    @OptionGroup var connection: Connection

    @OptionGroup var variables: VariableFlags

    @Flag(help: "Show the values and blocks of jobs, groups and tasks also where these come or go as a whole.")
    var verbose = false

    @Flag(inversion: .prefixedNo, help: "Show what differs from the version that is registered.")
    var diff = true

    func run() async throws {
        do {
            let input = try connection.job(in: file, variables)
            try await connection.talk { client in
                let answer = try await client.plan(
                    input.job.id.id, input.document.json, namespace: input.job.id.namespace,
                    showingDifferences: diff)
                let plan = answer.value
                if connection.json {
                    Terminal.write(JSONText.indented(answer.body))
                } else {
                    let words = connection.words + variables.words + file
                    Terminal.say(Self.text(plan, of: input.job.id.id, file: words, isVerbose: verbose))
                }
                if !plan.changesNothing { throw Ending.failure }
            }
        } catch let ending as Ending {
            throw ending
        } catch {
            // Mistakes in a file say themselves what they are.
            if let mistakes = error as? JobMistakes {
                Terminal.complain(mistakes.description)
            } else {
                Terminal.complain("Error: \((error as? ClusterError)?.message ?? "\(error)")")
            }
            throw Ending.planError
        }
    }

    static func text(_ plan: JobPlanWire, of job: String, file: String, isVerbose: Bool = false) -> String {
        var sections: [Section] = []
        if let diff = plan.diff {
            let rest = DiffText.text(diff, isVerbose: isVerbose)
            sections.append(Section(title: "", body: "\(DiffText.sign(diff.type)) Job: \"\(job)\"\n" + rest))
        }
        let restarts = (plan.annotations.updates ?? [:]).sorted { $0.key < $1.key }
            .filter { $0.value.restarts ?? 0 > 0 }
        let lines = restarts.map { name, update in
            let count = update.restarts ?? 0
            let reasons = (update.restartReasons ?? []).joined(separator: ", ")
            return "- Group \"\(name)\": \(count) instance\(count == 1 ? "" : "s"), for \(reasons)"
        }
        sections.append(
            Section(title: "Restarts:", body: lines.isEmpty ? "- Nothing that runs." : lines.joined(separator: "\n")))
        if let preempted = plan.annotations.preempted, !preempted.isEmpty {
            let rows = preempted.sorted { ($0.job, $0.group, $0.id) < ($1.job, $1.group, $1.id) }.map {
                [AllocationTable.shown($0.id), $0.namespace ?? "default", $0.job, $0.group]
            }
            let table = Table(header: ["Alloc ID", "Namespace", "Job ID", "Task Group"], rows: rows)
            sections.append(Section(title: "Preemptions: these end to make room:", body: table.text))
        }
        if let refusals = plan.refusals, !refusals.isEmpty {
            sections.append(Section(title: "Not everything finds room:", body: RefusalText.text(refusals)))
        }
        let launch = TimeText.point(plan.nextLaunch)
        if !launch.isEmpty {
            sections.append(Section(title: "", body: "If it were submitted now, it would begin next at \(launch)."))
        }
        sections.append(
            Section(
                title: "Job Modify Index: \(plan.jobModifyIndex)",
                body: """
                    To submit the job only if nobody changes it meanwhile:

                    cluster job run -check-index \(plan.jobModifyIndex) \(file)
                    """))
        return Section.text(sections)
    }
}

/// Differences between two statements of a job, in the form of Nomad's.
enum DiffText {
    /// Of jobs, groups and tasks that come or go as a whole only the names, unless `isVerbose`.
    static func text(_ diff: DiffWire, isVerbose: Bool = true) -> String {
        lines(diff, "  ", isVerbose).joined(separator: "\n")
    }

    private static func lines(_ diff: DiffWire, _ indent: String, _ isVerbose: Bool) -> [String] {
        let isWhole = isVerbose || !["Added", "Deleted"].contains(diff.type)
        var lines = (isWhole ? diff.fields ?? [] : []).map { field in
            let change =
                switch field.type {
                case "Added": quoted(field.new)
                case "Deleted": quoted(field.old)
                default: "\(quoted(field.old)) => \(quoted(field.new))"
                }
            return "\(indent)\(sign(field.type)) \(field.name): \(change)"
        }
        for object in isWhole ? diff.objects ?? [] : [] {
            lines.append("\(indent)\(sign(object.type)) \(object.name ?? "") {")
            lines += Self.lines(object, indent + "  ", true) + ["\(indent)  }"]
        }
        for (kind, parts) in [("Task Group", diff.groups ?? []), ("Task", diff.tasks ?? [])] {
            for part in parts where part.type != "None" || part.updates?.isEmpty == false {
                let updates = (part.updates ?? [:]).sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                let words = (part.annotations ?? []) + updates
                let end = words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
                lines.append("\(indent)\(sign(part.type)) \(kind): \"\(part.name ?? "")\"\(end)")
                lines += Self.lines(part, indent + "  ", isVerbose)
            }
        }
        return lines
    }

    /// On one line, as Nomad writes it: a template has many, and a terminal takes some letters for orders.
    private static func quoted(_ value: String) -> String { String(decoding: JSONText.string(value), as: UTF8.self) }

    static func sign(_ type: String) -> String {
        switch type {
        case "Added": "+"
        case "Deleted": "-"
        case "Edited": "+/-"
        default: " "
        }
    }
}
