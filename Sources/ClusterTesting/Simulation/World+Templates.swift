import ClusterKit

/// What an agent of a world without chance knows of the templates of its tasks. It ends with the agent; the files stay.
struct SimulatedTemplates {
    /// A task that waits for its files.
    struct Rendering {
        let templates: TaskTemplates
        /// What its agent was told is missing.
        var told = ""
    }

    /// A task that runs, and whose files are made anew when what is in them changes.
    struct Following {
        let templates: TaskTemplates
        /// The files as they are, or are about to be.
        var shown: [String?]
        /// Files that are written when the task acts on them.
        var waiting: [Int: String] = [:]
        /// Why they could not be made last.
        var trouble = ""
    }

    var rendering: [TaskRun: Rendering] = [:]
    var following: [TaskRun: Following] = [:]
    /// What the files added to the environment of each run that has started.
    var variables: [TaskRun: [String: String]] = [:]
    /// What was rendered for each run before it started.
    var texts: [TaskRun: [String?]] = [:]

    mutating func end(_ run: TaskRun) {
        rendering[run] = nil
        following[run] = nil
        variables[run] = nil
        texts[run] = nil
    }
}

/// A file that was made of a template.
struct SimulatedFile: Hashable {
    /// Where files are: of an allocation, a task, in a folder.
    struct Place: Hashable {
        let allocation: AllocationID
        let task: String
        let steps: [String]
    }

    let text: String
    let mode: UInt32
}

/// Templates are read, rendered and compared by the code of production, with the keys and services of the store. When
/// that is looked at is the world's: whenever something became durable, and every two seconds.
extension World {
    /// Makes the files of a task that is to start.
    func renderTemplates(of run: TaskRun, _ assignment: Assignment, on number: Int) {
        do throws(ClusterError) {
            let templates = try templates(of: run, assignment, on: number)
            agents[number].templates.rendering[run] = .init(templates: templates)
            lookAtRendering(run, on: number)
        } catch {
            hear(number, .templatesFailed(run, error.message), within: 5)
        }
    }

    /// Begins to look whether the files of a task that runs change.
    func followTemplates(of run: TaskRun, _ assignment: Assignment, on number: Int) {
        guard let templates = try? templates(of: run, assignment, on: number) else { return }
        // An agent that was started anew compares with what it finds.
        let shown =
            agents[number].templates.texts[run]
            ?? templates.parts.map { agents[number].machine.files[$0.place(of: run)]?.text }
        agents[number].templates.following[run] = .init(templates: templates, shown: shown)
        lookAtFollowed(run, on: number)
    }

    /// Writes what has waited for the task to act, and gives what that means for it.
    func applyFollowed(_ run: TaskRun, on number: Int) {
        guard var followed = agents[number].templates.following[run] else { return }
        var written: [Int] = []
        for (index, text) in followed.waiting.sorted(by: { $0.key < $1.key }) {
            if write(text, of: followed.templates.parts[index], for: run, on: number) { written.append(index) }
        }
        followed.waiting = [:]
        agents[number].templates.following[run] = followed
        let reaction = followed.templates.reaction(toChangeOf: written)
        if reaction == .restart { turns.restart(run) }
        hear(number, .templatesChanged(run, reaction), within: 5)
    }

    /// Looks at all that templates ask for, of agents that reach a server.
    func lookAtTemplates() {
        guard options.isCalm, reachableServer != nil else { return }
        for number in agents.indices where agents[number].isAlive && !agents[number].isPaused {
            guard !network.cutOutward.contains(number), !network.cutInward.contains(number) else { continue }
            for run in agents[number].templates.rendering.keys.sorted() { lookAtRendering(run, on: number) }
            for run in agents[number].templates.following.keys.sorted() { lookAtFollowed(run, on: number) }
        }
    }

    /// Tells what the templates add to the environment of a task that starts.
    func noteVariables(of run: TaskRun, on number: Int) {
        let variables = agents[number].templates.variables[run] ?? [:]
        guard !variables.isEmpty else { return }
        let words = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        note("\(chronicle.name(of: run.allocation)) \(run.task) has \(words)")
    }

    // MARK: - Looking

    private func templates(
        of run: TaskRun, _ assignment: Assignment, on number: Int
    ) throws(ClusterError) -> TaskTemplates {
        guard let task = assignment.group?.task(run.task) else {
            throw ClusterError(.invalid, "the job has no task \"\(run.task)\" any more")
        }
        let folder = "/alloc/\(run.allocation)"
        return try TaskTemplates(
            of: task, in: assignment, on: agents[number].node,
            folders: TaskFolders(task: "\(folder)/\(run.task)", shared: "\(folder)/alloc"))
    }

    private func lookAtRendering(_ run: TaskRun, on number: Int) {
        guard var rendering = agents[number].templates.rendering[run] else { return }
        do throws(ClusterError) {
            var questions = TemplateQuestions()
            let pass = try render(rendering.templates, &questions)
            let texts = pass.texts.compactMap(\.self)
            guard texts.count == pass.texts.count else {
                let words = questions.words(for: pass.missing, shown: rendering.templates.shown) ?? ""
                if words != rendering.told { hear(number, .templatesNoted(run, words), within: 5) }
                rendering.told = words
                agents[number].templates.rendering[run] = rendering
                return
            }
            agents[number].templates.variables[run] = try rendering.templates.variables(in: texts)
            agents[number].templates.texts[run] = texts
            agents[number].templates.rendering[run] = nil
            for (part, text) in zip(rendering.templates.parts, texts) { write(text, of: part, for: run, on: number) }
            hear(number, .rendered(run), within: 5)
        } catch {
            agents[number].templates.rendering[run] = nil
            hear(number, .templatesFailed(run, error.message), within: 5)
        }
    }

    private func lookAtFollowed(_ run: TaskRun, on number: Int) {
        guard var followed = agents[number].templates.following[run] else { return }
        do throws(ClusterError) {
            var questions = TemplateQuestions()
            let pass = try render(followed.templates, &questions)
            followed.trouble = ""
            if pass.missing.isEmpty { try take(pass.texts, &followed, run, on: number) }
        } catch {
            let words = TaskTemplates.words(keepingFilesFor: error)
            if words != followed.trouble { hear(number, .templatesNoted(run, words), within: 5) }
            followed.trouble = words
        }
        agents[number].templates.following[run] = followed
    }

    /// Writes what the task need not act on, and has it act on the rest after its splay.
    private func take(
        _ texts: [String?], _ followed: inout SimulatedTemplates.Following, _ run: TaskRun, on number: Int
    ) throws(ClusterError) {
        let changes = try followed.templates.changes(from: followed.shown, to: texts)
        for (index, text) in changes.atOnce.sorted(by: { $0.key < $1.key }) {
            write(text, of: followed.templates.parts[index], for: run, on: number)
            followed.shown[index] = text
        }
        for (index, text) in changes.waiting { followed.shown[index] = text }
        let waits = !followed.waiting.isEmpty
        followed.waiting.merge(changes.waiting) { _, newest in newest }
        guard !changes.waiting.isEmpty, !waits else { return }
        let pause = Duration.milliseconds(entropy.below(Int(changes.splay.nanoseconds / 1_000_000) + 1))
        later(pause, .agentHears(number, life: agents[number].life, .templatesDue(run)))
    }

    /// Renders as far as the store goes: what is asked for may depend on what was answered.
    private func render(
        _ templates: TaskTemplates, _ questions: inout TemplateQuestions
    ) throws(ClusterError) -> TaskTemplates.Pass {
        while true {
            let pass = try templates.render(with: questions.values)
            if pass.used == questions.asked { return pass }
            var values: [TemplateQuery: TemplateValue] = [:]
            for query in pass.used {
                values[query] = truth.plainValue(of: query)
            }
            questions.take(TemplateAnswer(values: values, revision: truth.revision), for: pass.used)
        }
    }

    /// Writes a file unless it is as it should be. Gives whether it was not.
    @discardableResult
    private func write(_ text: String, of part: TaskTemplates.Part, for run: TaskRun, on number: Int) -> Bool {
        let old = agents[number].machine.files[part.place(of: run)]
        guard old?.text != text else { return false }
        agents[number].machine.files[part.place(of: run)] = SimulatedFile(text: text, mode: part.mode)
        let mode = "0" + String(part.mode, radix: 8)
        let path = part.destination.steps.joined(separator: "/")
        note(
            "\(chronicle.name(of: run.allocation)) \(run.task): \(path), mode \(mode), says \(text.utf8.shownText)")
        return true
    }
}

extension TaskTemplates.Part {
    fileprivate func place(of run: TaskRun) -> SimulatedFile.Place {
        SimulatedFile.Place(allocation: run.allocation, task: run.task, steps: destination.steps)
    }
}
