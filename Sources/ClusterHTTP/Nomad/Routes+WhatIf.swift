import ClusterClient
import ClusterKit
import Synchronization

/// What would happen if: ours, Nomad has nothing like it.
extension APIServer {
    static var whatIfRoutes: [APIRoute] {
        let turn = SimulationTurn()
        return [
            APIRoute(.whatIf, .readServers, bodyLimit: WhatIfRequest.longest) { try await whatIf($0, in: turn) }
        ]
    }

    private static func whatIf(_ request: APIRequest, in turn: SimulationTurn) async throws -> APIAnswer {
        // A long question takes a while to read, and a day of a large cluster to play, which the threads that serve
        // requests must not feel.
        let question = try await BlockingWork.run { [body = request.body] in
            try WhatIfRequest(JSONBody(body, isOptional: true))
        }
        let answer = try await turn.take { [server = request.server] in
            let audience = Audience()
            return try await withTaskCancellationHandler {
                try await BlockingWork.run {
                    try question.answer(in: server.simulation(seed: question.seed), for: audience)
                }
            } onCancel: {
                audience.leave()
            }
        }
        return .json { answer.write(to: &$0) }
    }
}

/// Whether anybody waits for an answer that is made on a thread of its own.
final class Audience: Sendable {
    private let hasLeft = Mutex(false)

    /// Nobody waits any more.
    func leave() { hasLeft.withLock { $0 = true } }

    /// - Throws: `CancellationError` when nobody waits any more.
    func check() throws { if !isThere { throw CancellationError() } }

    /// Whether somebody waits still.
    var isThere: Bool { hasLeft.withLock { !$0 } }
}

/// What is to be tried out.
struct WhatIfRequest: Sendable {
    static let longest = 64 << 20
    /// That join, all together.
    private static let mostNodes = 100_000
    /// Of nodes that join: each is looked for by its name.
    private static let mostKinds = 1_000
    /// Of jobs that run on every node, on those that join: all of them come at one moment.
    private static let mostStarts = 500_000
    private static let mostHours = 24 * 366
    /// An instance that starts and ends takes a few; each stays in memory until the answer is made.
    private static let mostEvents = 2_000_000
    private static let mostMoves = 100_000

    let seed: UInt64
    private let added: [(like: String, count: Int)]
    private let removed: [String]
    private let drained: [String]
    private let stopped: [JobID]
    private let jobs: [JobDocument]
    private let submissions: [Submission]
    private let hours: Int
    private let moves: Int

    private static let members = [
        "AddNodes", "DrainNodes", "Hours", "Jobs", "Namespace", "RemoveNodes", "Seed", "StopJobs", "Submissions",
        "TidyMoves",
    ]

    init(_ body: JSONBody) throws {
        // An answer to less than what was asked would mislead.
        if case .object(let object) = body.value,
            let strange = object.members.first(where: { !Self.members.contains($0.name) })
        {
            throw ClusterError(
                .invalid,
                "a what-if has no member \"\(strange.name)\"; it has \(Self.members.joined(separator: ", "))")
        }
        seed = UInt64(try body.number("Seed", in: 0...Int.max) ?? 1)
        moves = try body.number("TidyMoves", in: 0...Self.mostMoves) ?? 0
        hours = try body.number("Hours", in: 0...Self.mostHours) ?? 0
        added = try Self.objects("AddNodes", in: body) { entry in
            guard let like = try entry.text("Like") else {
                throw ClusterError(.invalid, "AddNodes: Like must name the node that new ones resemble")
            }
            return (like, try entry.number("Count", in: 1...Self.mostNodes) ?? 1)
        }
        guard added.count <= Self.mostKinds else {
            throw ClusterError(
                .invalid,
                "AddNodes: \(added.count) entries are more than \(Self.mostKinds); state how many are alike by Count")
        }
        let joining = added.reduce(0) { $0 &+ $1.count }
        guard joining <= Self.mostNodes else {
            throw ClusterError(
                .invalid, "AddNodes: \(joining) nodes are more than \(Self.mostNodes), the most that join at a time")
        }
        removed = try body.textList("RemoveNodes") ?? []
        drained = try body.textList("DrainNodes") ?? []
        let namespace = try body.text("Namespace") ?? "default"
        stopped = (try body.textList("StopJobs") ?? []).map { JobID($0, namespace: namespace) }
        jobs = try Self.objects("Jobs", in: body) { try JobDocument($0.value) }
        submissions = try Self.objects("Submissions", in: body) { entry in
            guard let job = try entry.object("Job") else {
                throw ClusterError(.invalid, "Submissions: each must state a Job")
            }
            return Submission(
                after: .seconds(try entry.number("AfterSeconds", in: 0...Self.mostHours * 3600) ?? 0),
                job: try JobDocument(job.value).job(),
                lasting: try entry.number("LastingSeconds", in: 0...Self.mostHours * 3600).map { .seconds($0) })
        }
    }

    private static func objects<Value>(
        _ name: String, in body: JSONBody, _ read: (JSONBody) throws -> Value
    ) throws -> [Value] {
        guard let values = body.list(name) else {
            guard !body.states(name) else { throw ClusterError(.invalid, "\(name) must be a list of objects") }
            return []
        }
        return try values.enumerated().map { index, value in
            guard let entry = JSONBody(value) else {
                throw ClusterError(.invalid, "\(name)[\(index)] must be an object, it is \(value.typeName)")
            }
            return try read(entry)
        }
    }

    /// Does everything in a fixed order: nodes join, leave and are drained, jobs stop and come, and then time passes.
    /// What moves would buy is asked at the end.
    ///
    /// - Throws: `.notFound` and `.invalid` for what the cluster has not, and `CancellationError` when nobody waits
    ///   for the answer any more.
    func answer(in start: Simulation, for audience: Audience) throws -> WhatIfAnswer {
        var simulation = start
        simulation.mostEvents = Self.mostEvents
        simulation.goesOn = { audience.isThere }
        let before = Packing(of: simulation.snapshot)
        try change(&simulation, for: audience)
        try simulation.plan(submissions)
        // What comes in at once does so also when no time passes.
        simulation.advance(by: .zero)
        for _ in 0..<hours {
            try audience.check()
            simulation.advance(by: .seconds(3600))
        }
        try audience.check()
        return WhatIfAnswer(
            report: simulation.report, hours: hours, unplaced: simulation.unplaced(), before: before,
            after: Packing(of: simulation.snapshot),
            tidying: moves > 0 ? simulation.tidying(budget: moves) : nil)
    }

    /// - Throws: `.invalid` where the nodes that join might start more than can be played.
    private func checkStarts(in snapshot: Snapshot) throws(ClusterError) {
        let everywhere = snapshot.jobs.unordered.reduce(0) { count, record in
            let job = record.job
            let runs = job.kind.runsEverywhere && !record.stopped && job.periodic == nil && job.parameterized == nil
            return runs ? count + job.groups.count : count
        }
        let joining = added.reduce(0) { $0 + $1.count }
        guard joining * everywhere <= Self.mostStarts else {
            throw ClusterError(
                .invalid,
                "AddNodes: \(joining) nodes may start \(joining * everywhere) instances of jobs that run on every "
                    + "node, more than \(Self.mostStarts); let fewer join")
        }
    }

    /// Does all that happens before time passes.
    private func change(_ simulation: inout Simulation, for audience: Audience) throws {
        let known = NodeNames(simulation.snapshot)
        try checkStarts(in: simulation.snapshot)
        if !added.isEmpty { simulation.add(try added.map { (like: try known.node($0.like), count: $0.count) }) }
        try audience.check()
        let nodes = added.isEmpty ? known : NodeNames(simulation.snapshot)
        for name in removed {
            try audience.check()
            try simulation.remove(nodes.node(name).id)
        }
        // Without time to do it by the rules, all is done at once.
        let limit = hours > 0 ? DrainLimit.standard : .atOnce
        for name in drained {
            try audience.check()
            try simulation.drain(nodes.node(name).id, limit: limit)
        }
        for job in stopped {
            try audience.check()
            guard simulation.snapshot.jobs[job] != nil else {
                throw ClusterError(.notFound, "there is no job \"\(job.id)\" in namespace \"\(job.namespace)\" to stop")
            }
            try simulation.stop(job)
        }
        for job in jobs {
            try audience.check()
            try simulation.submit(job)
        }
    }
}

/// Finds nodes by what people call them.
private struct NodeNames {
    private let nodes: [Node]
    private let byName: [String: [Node]]

    init(_ snapshot: Snapshot) {
        nodes = snapshot.nodes.sorted
        byName = Dictionary(grouping: nodes, by: \.name)
    }

    /// A node by its name, its identifier or the beginning of that.
    func node(_ text: String) throws -> Node {
        var close = byName[text] ?? []
        if close.isEmpty, text.count >= 4 { close = nodes.filter { $0.id.description.hasPrefix(text) } }
        guard let node = close.first else {
            throw ClusterError(.notFound, "there is no node \"\(text)\"; give a name or an identifier")
        }
        guard close.count == 1 else {
            throw ClusterError(.invalid, "\"\(text)\" means \(close.count) nodes; give a whole identifier")
        }
        return node
    }
}

/// What would happen.
struct WhatIfAnswer: Sendable {
    let report: SimulationReport
    let hours: Int
    let unplaced: [Unplaced]
    let before: Packing
    let after: Packing
    /// What moves would buy; `nil` when it was not asked.
    let tidying: TidyingPlan?

    func write(to writer: inout AnswerWriter) {
        writer.object {
            $0.name("Placements")
            $0.array(report.starts) { writer, start in
                writer.object {
                    $0.field("Name", start.name)
                    $0.field("NodeName", start.node)
                    $0.field("AtSeconds", (start.time - report.start).fractionalSeconds)
                    $0.field("WaitSeconds", start.wait.fractionalSeconds)
                    $0.field("Evicted", start.evicted)
                }
            }
            $0.name("Stopped")
            $0.array(report.stops) { writer, stop in
                writer.object {
                    $0.field("Name", stop.name)
                    $0.field("NodeName", stop.node)
                    $0.field("Reason", stop.reason)
                }
            }
            $0.field("Completed", report.completed)
            // When no time passes, nothing would end anyway.
            let endless = hours > 0 ? report.endless.sorted { $0.key < $1.key } : []
            $0.name("Endless")
            $0.array(endless) { writer, entry in
                writer.object {
                    $0.field("JobID", entry.key.id)
                    $0.field("Namespace", entry.key.namespace)
                    $0.field("Count", entry.value)
                }
            }
            $0.field("Unplayed", report.unplayed)
            $0.name("Waiting")
            $0.array(unplaced) { $0.unplaced($1) }
            let waits = report.waits
            $0.field(
                "Waits",
                object: {
                    $0.field("MedianSeconds", waits.median.fractionalSeconds)
                    $0.field("P95Seconds", waits.p95.fractionalSeconds)
                    $0.field("LongestSeconds", waits.longest.fractionalSeconds)
                    $0.field("Waited", waits.waiting)
                })
            $0.field(
                "Packing",
                object: {
                    $0.field("Before", object: { $0.packing(before) })
                    $0.field("After", object: { $0.packing(after) })
                })
            if let tidying { $0.field("Tidying", object: { $0.tidying(tidying) }) }
            $0.field("Failures", report.failures)
        }
    }
}

extension AnswerWriter {
    fileprivate mutating func unplaced(_ unplaced: Unplaced) {
        object {
            $0.field("JobID", unplaced.job.id)
            $0.field("Namespace", unplaced.job.namespace)
            $0.field("TaskGroup", unplaced.group)
            $0.field("Count", unplaced.count)
            $0.field("Shortages", unplaced.refusal.shortages)
            $0.field("ConstraintFiltered", unplaced.refusal.filtered)
            $0.field("DimensionExhausted", unplaced.refusal.exhausted)
            $0.field("Awaits", unplaced.refusal.awaits)
        }
    }

    /// Writes the members of an object.
    fileprivate mutating func tidying(_ plan: TidyingPlan) {
        name("Moves")
        array(plan.moves) { writer, move in
            writer.object {
                $0.field("AllocID", move.allocation.description)
                $0.field("Name", move.name)
                $0.field("FromNodeID", move.from.description)
                $0.field("FromNodeName", move.fromName)
                $0.field("ToNodeID", move.to.description)
                $0.field("ToNodeName", move.toName)
                $0.field("Gain", move.gain)
                $0.field("Reason", move.reason)
            }
        }
        name("Emptied")
        array(plan.emptied) { writer, emptied in
            writer.object {
                $0.field("NodeID", emptied.node.description)
                $0.field("NodeName", emptied.name)
                $0.field("Moves", emptied.moves)
                $0.field("CPU", emptied.usable.cpuMHz)
                $0.field("MemoryMB", emptied.usable.memoryMiB)
                $0.field("DiskMB", emptied.usable.diskMiB)
            }
        }
    }

    /// Writes the members of an object.
    fileprivate mutating func packing(_ packing: Packing) {
        field("Nodes", packing.nodes)
        field("UsedNodes", packing.used)
        field("LowerBound", packing.lowerBound)
        field("CPU", packing.cpuShare)
        field("Memory", packing.memoryShare)
        field("Disk", packing.diskShare)
    }
}
