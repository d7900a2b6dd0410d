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
        var number: UInt64
        var ends: AsyncStream<Never>
        var end: AsyncStream<Never>.Continuation
    }

    private struct State {
        var entries: [TaskRun: Entry] = [:]
        var watches: [TaskRun: Watch] = [:]
        /// Runs whose files are followed.
        var followed: [TaskRun: Followed] = [:]
        /// Runs whose files are being changed.
        var applying: Set<TaskRun> = []
        /// Counts the watches.
        var begun: UInt64 = 0

        func isCurrent(_ watch: Watch, of run: TaskRun) -> Bool { watches[run]?.number == watch.number }
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
        let old = state.withLock { state in
            state.begun += 1
            return state.watches.updateValue(Watch(number: state.begun, ends: ends, end: end), forKey: run)
        }
        old?.end.finish()
    }

    /// Ends what goes on for a run, and forgets what was rendered for it.
    func end(_ run: TaskRun) {
        let old = state.withLock { state in
            state.entries[run] = nil
            state.followed[run] = nil
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
    private func untilEnded(
        _ run: TaskRun, _ body: @escaping @Sendable (Watch) async -> AgentEvent?
    ) async -> AgentEvent? {
        guard let watch = state.withLock({ $0.watches[run] }) else { return nil }
        return await withTaskGroup(of: AgentEvent?.self) { group in
            group.addTask { await body(watch) }
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
        await untilEnded(run) { [self] watch in
            do {
                let templates = try templates(of: run, assignment)
                // A machine that was restarted has lost what it kept in memory, the place for secrets among it.
                try folders.prepare(run.allocation, tasks: [run.task])
                guard let texts = try await completeTexts(run, templates) else { return nil }
                let variables = try templates.variables(in: texts)
                for (part, text) in zip(templates.parts, texts) {
                    guard try write(text, part, run, watch) else { return nil }
                }
                return keep(Entry(texts: texts, variables: variables), run, watch) ? .rendered(run) : nil
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
            if let words = questions.words(for: pass.missing, shown: templates.shown), words != told {
                told = words
                post(.templatesNoted(run, words))
            }
            await ask(&questions, for: pass.used, run)
        }
        return nil
    }

    /// Writes a file unless it is as it should be. Gives false, and writes nothing, when the run has ended.
    private func write(
        _ text: String, _ part: TaskTemplates.Part, _ run: TaskRun, _ watch: Watch
    ) throws -> Bool {
        guard state.withLock({ $0.isCurrent(watch, of: run) }) else { return false }
        let bytes = Array(text.utf8)
        guard folders.read(part.destination, of: run.allocation, task: run.task) != bytes else { return true }
        try folders.write(bytes, to: part.destination, mode: part.mode, of: run.allocation, task: run.task)
        return true
    }

    /// Remembers what was rendered. Gives false, and forgets it, when the run has ended.
    private func keep(_ entry: Entry, _ run: TaskRun, _ watch: Watch) -> Bool {
        state.withLock { state in
            guard state.isCurrent(watch, of: run) else { return false }
            state.entries[run] = entry
            return true
        }
    }

    // MARK: - While it runs

    /// Renders the templates of a run again and again, and tells the core when a file changed. An agent that starts
    /// anew compares with the files that it finds.
    func follow(_ run: TaskRun, _ assignment: Assignment) async -> AgentEvent? {
        await untilEnded(run) { [self] watch in
            do {
                let followed = Followed(run: run, templates: try templates(of: run, assignment), watch: watch)
                let isCurrent = state.withLock { state in
                    guard state.isCurrent(watch, of: run) else { return false }
                    state.followed[run] = followed
                    return true
                }
                guard isCurrent else { return nil }
                try await withThrowingDiscardingTaskGroup { reactions in
                    try await follow(followed, &reactions)
                }
            } catch is CancellationError {
                return nil
            } catch {
                post(.templatesNoted(run, "the templates are not watched any more: \(error)"))
            }
            return nil
        }
    }

    /// What following needs to know.
    private struct Followed: Sendable {
        let run: TaskRun
        let templates: TaskTemplates
        let watch: Watch
        let changes = TemplateChanges()
    }

    private func follow(_ followed: Followed, _ reactions: inout Reactions) async throws {
        let run = followed.run
        var shown = try shown(followed)
        var questions = TemplateQuestions()
        var trouble = ""
        while !Task.isCancelled {
            do {
                let pass = try followed.templates.render(with: questions.values)
                if pass.missing.isEmpty {
                    try take(pass.texts, &shown, followed, &reactions)
                    if pass.used.isEmpty { return }
                }
                trouble = ""
                await ask(&questions, for: pass.used, run)
            } catch let error where !(error is CancellationError) {
                let words = TaskTemplates.words(keepingFilesFor: error)
                if words != trouble { post(.templatesNoted(run, words)) }
                trouble = words
                await ask(&questions, for: questions.asked, run)
                try await Task.sleep(for: Self.retry)
            }
        }
    }

    /// The files as they are. After a restart of the agent they also tell what is in the task's environment.
    private func shown(_ followed: Followed) throws -> [String?] {
        if let entry = state.withLock({ $0.entries[followed.run] }) { return entry.texts }
        let found = try found(followed.run, followed.templates)
        _ = keep(found, followed.run, followed.watch)
        return found.texts
    }

    /// Waits that end by telling the core of a change. They stand beside the following, so that it goes on meanwhile.
    private typealias Reactions = ThrowingDiscardingTaskGroup<any Error>

    /// Writes the files that changed. What the task acts on waits until the core lets it, which is told of it after a
    /// random wait.
    private func take(
        _ texts: [String?], _ shown: inout [String?], _ followed: Followed, _ reactions: inout Reactions
    ) throws {
        // What is written at once comes first, so that a file which cannot be written loses no change of another.
        let changes = try followed.templates.changes(from: shown, to: texts)
        for (index, text) in changes.atOnce.sorted(by: { $0.key < $1.key }) {
            guard try write(text, followed.templates.parts[index], followed.run, followed.watch) else {
                throw CancellationError()
            }
            shown[index] = text
        }
        for (index, text) in changes.waiting { shown[index] = text }
        guard !changes.waiting.isEmpty, followed.changes.add(changes.waiting) else { return }
        let pause = Duration.nanoseconds(Int64.random(in: 0...max(0, changes.splay.nanoseconds)))
        reactions.addTask { [self] in
            try await Task.sleep(for: pause)
            post(.templatesDue(followed.run))
        }
    }

    /// Writes what has waited; `nil` when the run has ended, or somebody else is doing it, who then does this as well.
    func apply(_ run: TaskRun) async -> AgentEvent? {
        let found = state.withLock { state in
            state.followed[run].flatMap { state.applying.insert(run).inserted ? $0 : nil }
        }
        guard let followed = found else { return nil }
        var texts: [Int: String] = [:]
        var written: [Int] = []
        while !Task.isCancelled {
            texts.merge(followed.changes.take()) { _, newest in newest }
            do {
                for (index, text) in texts.sorted(by: { $0.key < $1.key }) {
                    let part = followed.templates.parts[index]
                    let old = folders.read(part.destination, of: run.allocation, task: run.task)
                    // What changed back meanwhile needs nothing.
                    if old != Array(text.utf8) { written.append(index) }
                    guard try write(text, part, run, followed.watch) else {
                        _ = state.withLock { $0.applying.remove(run) }
                        return nil
                    }
                    texts[index] = nil
                }
                let isDone = state.withLock { state in
                    guard followed.changes.isEmpty else { return false }
                    state.applying.remove(run)
                    return true
                }
                guard isDone else { continue }
                return .templatesChanged(run, followed.templates.reaction(toChangeOf: written))
            } catch {
                post(.templatesNoted(run, TaskTemplates.words(keepingFilesFor: error)))
                try? await Task.sleep(for: Self.retry)
            }
        }
        _ = state.withLock { $0.applying.remove(run) }
        return nil
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
package struct TemplateQuestions {
    package private(set) var values: [TemplateQuery: TemplateValue] = [:]
    private(set) var revision = Revision.zero
    package private(set) var asked: Set<TemplateQuery> = []
    /// Why the last question was not answered.
    private var failure: String?

    /// Nothing was asked yet.
    package init() {}

    /// Whether something cannot be told now, for a reason that no revision follows.
    var isUnavailable: Bool {
        values.values.contains { if case .unavailable = $0 { true } else { false } }
    }

    package mutating func take(_ answer: TemplateAnswer, for queries: Set<TemplateQuery>) {
        values = answer.values
        revision = answer.revision
        asked = queries
        failure = nil
    }

    mutating func fail(_ reason: String) { failure = reason }

    /// What is missing and why, for people; `nil` while nothing is known of it.
    package func words(for missing: Set<TemplateQuery>, shown: (TemplateQuery) -> String) -> String? {
        var known: [String] = []
        for query in missing.sorted() {
            let reason: String?
            switch values[query] {
            case .absent: reason = nil
            case .unavailable(let words): reason = words
            case .known: reason = "nothing is there"
            case nil:
                guard let failure else { continue }
                reason = failure
            }
            let words = shown(query) + (reason.map { " (\($0))" } ?? "")
            // Computed names all look alike.
            if !known.contains(words) { known.append(words) }
        }
        return known.isEmpty ? nil : "Missing: " + known.joined(separator: ", ")
    }
}
