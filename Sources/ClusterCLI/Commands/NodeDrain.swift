import ArgumentParser
import ClusterClient
import ClusterKit
import HCL

/// `cluster node drain`
struct NodeDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Moves away what runs on a node, or no longer does.",
        discussion: """
            Services move one instance after the other, by the migrate block of their groups; what ends by itself is \
            left to end until the deadline; what runs on every node goes last. The node takes no new work, also \
            afterwards: see cluster node eligibility. Ends with 0 when the drain is complete, 1 when somebody stopped \
            it before.
            """)

    @Argument(help: "The node's name, or the beginning of its identifier.")
    var node: String?

    @OptionGroup var connection: Connection

    @Flag(help: "Begin to drain.")
    var enable = false

    @Flag(help: "Stop draining; the node takes new work again.")
    var disable = false

    @Option(help: "How long what runs is left to itself, as in 90m (else 1h).")
    var deadline: String?

    @Flag(help: "Stop everything at once.")
    var force = false

    @Flag(name: .customLong("no-deadline"), help: "Leave what runs to itself for as long as it needs.")
    var noDeadline = false

    @Flag(name: .customLong("ignore-system"), help: "Leave the instances of system jobs where they are.")
    var ignoreSystem = false

    @Flag(name: .customLong("keep-ineligible"), help: "With -disable: take no new work.")
    var keepIneligible = false

    @Option(name: [.customShort("m"), .customLong("message")], help: "Why, for others to read.")
    var message: String?

    @Flag(help: "Watch a drain without changing it.")
    var monitor = false

    @Flag(help: "Do not watch.")
    var detach = false

    @Flag(name: .customLong("self"), help: "The node that this machine is.")
    var isSelf = false

    @Flag(help: "Ask nothing.")
    var yes = false

    func validate() throws {
        guard [enable, disable, monitor].count(where: { $0 }) == 1 else {
            throw ValidationError("Say one of -enable, -disable and -monitor.")
        }
        guard [force, noDeadline, deadline != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Say at most one of -deadline, -force and -no-deadline.")
        }
        guard enable || !(force || noDeadline || ignoreSystem || deadline != nil || message != nil) else {
            throw ValidationError("-deadline, -force, -no-deadline, -ignore-system and -m go with -enable.")
        }
        guard disable || !keepIneligible else { throw ValidationError("-keep-ineligible goes with -disable.") }
        guard (node == nil) == isSelf else { throw ValidationError("Name a node, or say -self.") }
        _ = try nanoseconds()
    }

    /// The deadline as the servers take it.
    func nanoseconds() throws -> Int64 {
        if force { return -1 }
        if noDeadline { return 0 }
        guard let deadline else { return Duration.seconds(3600).nanoseconds }
        guard !DurationText.isTooLong(deadline) else {
            throw ValidationError(
                "-deadline is too large: \"\(deadline)\" is longer than 292 years; write -no-deadline for none.")
        }
        guard let span = DurationText.parse(deadline) else {
            throw ValidationError(
                "\"\(deadline)\" is no time span; write -deadline=90m, or -force to wait for nothing.")
        }
        guard span > .zero else {
            throw ValidationError("-deadline must be longer than 0s; write -force to wait for nothing.")
        }
        return span.nanoseconds
    }

    func run() async throws {
        let deadline = try nanoseconds()
        try await connection.talk { client in
            let found = try await client.findNode(node, isSelf: isSelf, connection).value
            if let node, !found.isNamed(wholly: node), !monitor, !yes {
                try Confirmation.ask(
                    "Are you sure you want to \(enable ? "enable" : "disable") drain mode for node \"\(found.id)\" "
                        + "(\(found.name))?")
            }
            if disable {
                _ = try await client.drain(found.id, nil, makingEligible: !keepIneligible)
                return connection.confirm(
                    "Node \"\(found.id)\" drain strategy unset", ("NodeID", .string(found.id)), ("Drain", .bool(false)))
            }
            var watch = DrainWatch(client: client, node: found.id)
            // What is told on the way is no JSON.
            if connection.json { watch.say = { Terminal.complain($0) } }
            if enable {
                // What ends at once is told too.
                if !detach { try await watch.look() }
                let request = DrainRequest(
                    deadline: deadline, ignoresSystemJobs: ignoreSystem, reason: message ?? "")
                _ = try await client.drain(found.id, request)
                watch.say("Node \"\(found.id)\" drain strategy set")
            }
            let isDraining = enable || found.drain
            if !isDraining { watch.say("Node \"\(found.id)\" is not being drained") }
            let outcome: Ending = isDraining && !detach ? try await watch.run() : .success
            if connection.json {
                Terminal.write(JSONText.facts([("NodeID", .string(found.id)), ("Drain", .bool(isDraining && detach))]))
            }
            if outcome != .success { throw outcome }
        }
    }
}

extension NodeWire {
    /// Whether `text` is its name or its whole identifier, which may be in capitals: then no other node can be meant.
    func isNamed(wholly text: String) -> Bool { text == name || text.lowercased() == id.lowercased() }
}

/// Tells what becomes of a node's instances until its drain is over.
struct DrainWatch {
    let client: ClusterClient
    let node: String
    /// Tells a line.
    var say: (String) -> Void = { Terminal.say($0) }
    private var index = Revision.zero
    private var progress = DrainProgress()

    init(client: ClusterClient, node: String) {
        self.client = client
        self.node = node
    }

    /// Tells what has changed since the look before.
    mutating func look() async throws {
        let answer = try await client.allocations(
            onNode: node, ReadOptions(namespace: "*", index: index, wait: .seconds(2)))
        for line in progress.look(answer.value) { say(line) }
        index = answer.index
    }

    /// Watches until nothing is drained any more, and says how it ended.
    mutating func run() async throws -> Ending {
        say("Ctrl-C to stop monitoring: will not cancel the node drain")
        while true {
            let found = try await client.node(node).value
            try await look()
            if found.drain { continue }
            guard found.lastDrain?.status != "canceled" else {
                say("Node \"\(node)\" drain canceled: what has not moved away stays")
                return .failure
            }
            say("Node \"\(node)\" drain complete")
            return .success
        }
    }
}

/// What has changed on a node since the last look, in words.
struct DrainProgress {
    private var seen: [String: String] = [:]

    /// The lines that a look adds.
    mutating func look(_ allocations: [AllocationWire]) -> [String] {
        var lines: [String] = []
        for allocation in allocations.sorted(by: { ($0.createIndex, $0.id) < ($1.createIndex, $1.id) }) {
            let state =
                allocation.desiredStatus == "run"
                ? allocation.clientStatus : "\(allocation.clientStatus), told to \(allocation.desiredStatus)"
            let old = seen.updateValue(state, forKey: allocation.id)
            guard old != state, old != nil || !allocation.hasEnded else { continue }
            let change = old.map { "\($0) -> \(state)" } ?? state
            lines.append("Alloc \"\(allocation.id)\" (\(allocation.name)): \(change)")
        }
        return lines
    }
}

extension AllocationWire {
    fileprivate var hasEnded: Bool { ["complete", "failed", "lost"].contains(clientStatus) }
}

/// Asks a person before something is done.
enum Confirmation {
    /// Throws unless the answer is yes.
    static func ask(_ question: String) throws {
        Terminal.complain("\(question) [y/N]")
        let answer = readLine()?.lowercased() ?? ""
        guard ["y", "yes"].contains(answer) else {
            throw ClusterError(
                .invalid,
                "Nothing was changed. With -yes nothing is asked.")
        }
    }
}
