import Logging
import Synchronization

/// Renders the templates of tasks before they start, and again when what is in them changes.
///
/// What was rendered stays here and in the files: the agent's core, its journal and its log are told that something
/// changed, never what it is.
final class TemplateWatch: Sendable {
    /// What is known of one run of a task.
    private struct Entry {
        /// The files as they were last written; `nil` for one that was not found.
        var texts: [String?]
        var variables: [String: String]
    }

    /// Something that goes on for a run until the core ends it.
    private struct Watch {
        var ends: AsyncStream<Never>
        var end: AsyncStream<Never>.Continuation
    }

    private struct State {
        var entries: [TaskRun: Entry] = [:]
        var watches: [TaskRun: Watch] = [:]
    }

    private let link: any AgentLink
    private let node: Node
    private let folders: AllocationFolders
    private let post: @Sendable (AgentEvent) -> Void
    private let state = Mutex(State())

    /// How long the servers may let a question wait.
    private static let wait: Duration = .seconds(30)
    /// The wait before what is not available now is asked for again.
    private static let retry: Duration = .seconds(2)
    /// Longer than a question may wait, an answer is not waited for.
    private static let patience: Duration = .seconds(45)

    init(
        link: any AgentLink, node: Node, folders: AllocationFolders, post: @escaping @Sendable (AgentEvent) -> Void
    ) {
        self.link = link
        self.node = node
        self.folders = folders
        self.post = post
    }

    // MARK: - Runs

    /// Lets `render` or `follow` go on for a run. Called in the order of the core's effects, as `end` is.
    func begin(_ run: TaskRun) {
        let (ends, end) = AsyncStream.makeStream(of: Never.self)
        let old = state.withLock { $0.watches.updateValue(Watch(ends: ends, end: end), forKey: run) }
        old?.end.finish()
    }

    /// Ends what goes on for a run, and forgets what was rendered for it.
    func end(_ run: TaskRun) {
        let old = state.withLock { state in
            state.entries[run] = nil
            return state.watches.removeValue(forKey: run)
        }
        old?.end.finish()
    }

    /// What the templates of a run add to its environment.
    func variables(for run: TaskRun) -> [String: String] { state.withLock { $0.entries[run]?.variables ?? [:] } }

    /// What the templates of a run that goes on added to its environment when it started. An agent that was started
    /// since then finds it in the files, which may have changed meanwhile. Throws `ClusterError` when they cannot be
    /// read.
    func variables(ofRunning run: TaskRun, _ assignment: Assignment) throws -> [String: String] {
        if let entry = state.withLock({ $0.entries[run] }) { return entry.variables }
        guard assignment.group?.task(run.task)?.templates.isEmpty == false else { return [:] }
        return try found(run, try templates(of: run, assignment)).variables
    }

    /// What stands in the files.
    private func found(_ run: TaskRun, _ templates: TaskTemplates) throws(ClusterError) -> Entry {
        let texts = templates.parts.map { part in
            folders.read(part.destination, of: run.allocation, task: run.task)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return Entry(texts: texts, variables: try templates.variables(in: texts.map { $0 ?? "" }))
    }

    /// Does `body` until it is done, or the core ends it.
    private func untilEnded(_ run: TaskRun, _ body: @escaping @Sendable () async -> AgentEvent?) async -> AgentEvent? {
        guard let watch = state.withLock({ $0.watches[run] }) else { return nil }
        return await withTaskGroup(of: AgentEvent?.self) { group in
            group.addTask { await body() }
            group.addTask {
                for await _ in watch.ends {}
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func templates(of run: TaskRun, _ assignment: Assignment) throws -> TaskTemplates {
        guard let task = assignment.group?.task(run.task) else {
            throw ClusterError(.invalid, "the job has no task \"\(run.task)\" any more")
        }
        return try TaskTemplates(
            of: task, in: assignment, on: node, folders: folders.folders(run.allocation, task: run.task))
    }

    // MARK: - Before the start

    /// Renders all templates of a run, however long it takes until all is known that they ask for.
    func render(_ run: TaskRun, _ assignment: Assignment) async -> AgentEvent? {
        await untilEnded(run) { [self] in
            do {
                let templates = try templates(of: run, assignment)
                // A machine that was restarted has lost what it kept in memory, the place for secrets among it.
                try folders.prepare(run.allocation, tasks: [run.task])
                guard let texts = try await completeTexts(run, templates) else { return nil }
                let variables = try templates.variables(in: texts)
                for (part, text) in zip(templates.parts, texts) { try write(text, part, run) }
                state.withLock { $0.entries[run] = Entry(texts: texts, variables: variables) }
                return .rendered(run)
            } catch let error as ClusterError {
                return .templatesFailed(run, error.message)
            } catch {
                return .templatesFailed(run, "\(error)")
            }
        }
    }

    /// The files; `nil` when the task's start is not wanted any more.
    private func completeTexts(_ run: TaskRun, _ templates: TaskTemplates) async throws -> [String]? {
        var questions = TemplateQuestions()
        var told = ""
        while !Task.isCancelled {
            let pass = try templates.render(with: questions.values)
            let texts = pass.texts.compactMap(\.self)
            if texts.count == pass.texts.count { return texts }
            if let words = questions.words(for: pass.missing), words != told {
                told = words
                post(.templatesNoted(run, words))
            }
            await ask(&questions, for: pass.used, run)
        }
        return nil
    }

    private func write(_ text: String, _ part: TaskTemplates.Part, _ run: TaskRun) throws {
        let bytes = Array(text.utf8)
        guard folders.read(part.destination, of: run.allocation, task: run.task) != bytes else { return }
        try folders.write(bytes, to: part.destination, mode: part.mode, of: run.allocation, task: run.task)
    }

    // MARK: - While it runs

    /// Renders the templates of a run again and again, and tells the core when a file changed. An agent that starts
    /// anew compares with the files that it finds.
    func follow(_ run: TaskRun, _ assignment: Assignment) async -> AgentEvent? {
        await untilEnded(run) { [self] in
            do {
                try await follow(run, try templates(of: run, assignment))
            } catch {
                post(.templatesNoted(run, "the templates are not watched any more: \(error)"))
            }
            return nil
        }
    }

    private func follow(_ run: TaskRun, _ templates: TaskTemplates) async throws {
        var shown = try shown(run, templates)
        var questions = TemplateQuestions()
        var trouble = ""
        while !Task.isCancelled {
            do {
                let pass = try templates.render(with: questions.values)
                if pass.missing.isEmpty {
                    try await take(pass.texts, &shown, templates, run)
                    if pass.used.isEmpty { return }
                }
                trouble = ""
                await ask(&questions, for: pass.used, run)
            } catch let error where !(error is CancellationError) {
                let words = (error as? ClusterError)?.message ?? "\(error)"
                if words != trouble { post(.templatesNoted(run, "\(words); the file stays as it is")) }
                trouble = words
                await ask(&questions, for: questions.asked, run)
                try await Task.sleep(for: Self.retry)
            }
        }
    }

    /// The files as they are. After a restart of the agent they also tell what is in the task's environment.
    private func shown(_ run: TaskRun, _ templates: TaskTemplates) throws -> [String?] {
        if let entry = state.withLock({ $0.entries[run] }) { return entry.texts }
        let found = try found(run, templates)
        // A run that has ended meanwhile leaves nothing here.
        state.withLock { if $0.watches[run] != nil { $0.entries[run] = found } }
        return found.texts
    }

    /// Writes the files that changed, and tells the core after a random wait, so that not all instances act at once.
    private func take(
        _ texts: [String?], _ shown: inout [String?], _ templates: TaskTemplates, _ run: TaskRun
    ) async throws {
        let changed = texts.indices.filter { texts[$0] != shown[$0] }
        guard !changed.isEmpty else { return }
        _ = try templates.variables(in: texts.compactMap(\.self))
        for index in changed {
            guard let text = texts[index] else { continue }
            try write(text, templates.parts[index], run)
            shown[index] = text
        }
        guard let reaction = templates.reaction(toChangeOf: changed) else { return }
        let splay = templates.splay(ofChangeOf: changed)
        if splay > .zero { try await Task.sleep(for: .nanoseconds(Int64.random(in: 0...splay.nanoseconds))) }
        post(.templatesChanged(run, reaction))
    }

    // MARK: - Questions

    /// Asks the servers for `queries`, and waits until there is something new. A failure is noted as the reason of what
    /// is missing.
    private func ask(_ questions: inout TemplateQuestions, for queries: Set<TemplateQuery>, _ run: TaskRun) async {
        guard let link = link as? any TemplateLink else {
            questions.fail("the agent's link carries no templates")
            try? await Task.sleep(for: Self.patience)
            return
        }
        // What cannot be told now wakes nobody when it can.
        if questions.isUnavailable, queries == questions.asked { try? await Task.sleep(for: Self.retry) }
        let after = queries == questions.asked && !questions.isUnavailable ? questions.revision : .zero
        let sorted = queries.sorted()
        do {
            let answer = try await DriverBench.within(Self.patience) { [node] in
                try await link.values(
                    of: sorted, for: run.allocation, from: node.id, after: after, wait: Self.wait)
            }
            questions.take(answer, for: queries)
        } catch {
            questions.fail((error as? ClusterError)?.message ?? "the servers do not answer")
            try? await Task.sleep(for: Self.retry)
        }
    }
}

/// What was asked for, and what is known of it.
struct TemplateQuestions {
    private(set) var values: [TemplateQuery: TemplateValue] = [:]
    private(set) var revision = Revision.zero
    private(set) var asked: Set<TemplateQuery> = []
    /// Why the last question was not answered.
    private var failure: String?

    /// Whether something cannot be told now, for a reason that no revision follows.
    var isUnavailable: Bool {
        values.values.contains { if case .unavailable = $0 { true } else { false } }
    }

    mutating func take(_ answer: TemplateAnswer, for queries: Set<TemplateQuery>) {
        values = answer.values
        revision = answer.revision
        asked = queries
        failure = nil
    }

    mutating func fail(_ reason: String) { failure = reason }

    /// What is missing and why, for people; `nil` while nothing is known of it.
    func words(for missing: Set<TemplateQuery>) -> String? {
        let known = missing.sorted().compactMap { query -> String? in
            switch values[query] {
            case .absent: "\(query)"
            case .unavailable(let reason): "\(query) (\(reason))"
            case .known: "\(query) (nothing is there)"
            case nil: failure.map { "\(query) (\($0))" }
            }
        }
        return known.isEmpty ? nil : "Missing: " + known.joined(separator: ", ")
    }
}
