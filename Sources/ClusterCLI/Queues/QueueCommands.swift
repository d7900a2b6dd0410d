import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster queue …`
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Works with queues of work, whose items workers claim one at a time.",
        discussion: """
            A queue begins with its first item, and is gone with its last. Workers take items with `cluster claim`.
            """,
        subcommands: [QueuePut.self, QueueList.self, QueueStatus.self, QueueProgress.self, QueueRemove.self])
}

/// `cluster queue put`
struct QueuePut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Puts an item into a queue; one that is there under its name stays as it is.")

    @Argument(help: "The queue.")
    var queue: String

    @Argument(help: "What is to be done: a text, @FILE, or - for the standard input.")
    var payload: String = ""

    @OptionGroup var connection: Connection

    @Option(help: "The item's name (else one is made).")
    var id: String?

    @Option(help: "Items of higher priority are taken first: 1 to 100.", transform: NumberInput.whole)
    var priority: Int = 50

    @Option(help: "What a worker must state of itself: key=value. May be given more than once.")
    var attr: [String] = []

    @Option(help: "How many attempts may fail.", transform: NumberInput.whole)
    var maxAttempts: Int = 3

    @Option(help: "How long no worker gets it: 10m.")
    var delay: String = "0s"

    @Option(help: "How long it is kept once it is over.")
    var retention: String = "24h"

    func run() async throws {
        let name = try connection.queue(queue)
        let order = WorkOrder(
            id: try id.map(QueueInput.item), payload: try SecretInput().bytes(payload), priority: priority,
            attributes: try QueueInput.attributes(attr), maxAttempts: maxAttempts,
            retention: try QueueInput.span(retention, "-retention"))
        let delay = try QueueInput.span(delay, "-delay")
        try await connection.talk { client in
            let put = try await client.put(order, delay: delay, in: name)
            if connection.json {
                return Terminal.say(
                    #"{"Created":\#(put.isNew),"ID":"# + String(decoding: JSONText.string(put.item.id), as: UTF8.self)
                        + "}")
            }
            Terminal.say(
                put.isNew
                    ? "Put item \(put.item.id) into queue \(queue)"
                    : "Item \(put.item.id) is in queue \(queue) already; it is \(put.item.state)")
        }
    }
}

/// `cluster queue list`
struct QueueList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the queues that hold items.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.queues(connection.options())
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            guard !answer.value.isEmpty else { return Terminal.say("No queues") }
            Terminal.say(QueueText.table(answer.value, withNamespace: connection.isOfAllNamespaces).text)
        }
    }
}

/// `cluster queue status`
struct QueueStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the items of a queue and who asks for them, or one item.")

    @Argument(help: "The queue.")
    var queue: String

    @Argument(help: "An item of it.")
    var item: String?

    @OptionGroup var connection: Connection

    func run() async throws {
        let queue = try connection.queue(queue)
        let item = try item.map(QueueInput.item)
        try await connection.talk { client in
            if let item {
                let answer = try await client.item(WorkItemKey(item, in: queue))
                if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
                return Terminal.say(QueueText.item(answer.value))
            }
            let status = try await client.queue(queue)
            let items = try await client.items(of: queue)
            if connection.json {
                let parts = [(name: "Queue", value: status.body), (name: "Items", value: items.body)]
                return Terminal.write(JSONText.indented(JSONText.object(parts)))
            }
            Terminal.say(QueueText.status(status.value, items.value))
        }
    }
}

/// `cluster queue progress`
struct QueueProgress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress",
        abstract: "Tells how far the item is that this command works on: for commands that `cluster claim` runs.")

    @Argument(help: "How much is done, from 0 to 1.")
    var share: Double

    @Argument(help: "What is being done.")
    var text: String = ""

    @OptionGroup var connection: Connection

    func validate() throws {
        guard (0...1).contains(share) else { throw ValidationError("How much is done goes from 0 to 1, not \(share).") }
    }

    func run() async throws {
        let ticket = try QueueInput.ticket()
        try await connection.talk { client in
            try await client.report(share, text, of: ticket)
            connection.confirmSilently(("Progress", .number(share)))
        }
    }
}

/// `cluster queue remove`
struct QueueRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Forgets an item, whoever has it; with -all, all items of a queue.")

    @Argument(help: "The queue.")
    var queue: String

    @Argument(help: "The item.")
    var item: String?

    @Flag(help: "Forget all items.")
    var all = false

    @OptionGroup var connection: Connection

    func run() async throws {
        guard (self.item == nil) == all else {
            throw ClusterError(.invalid, "Name the item to forget, or give -all to forget all items of \(self.queue).")
        }
        let queue = try connection.queue(queue)
        let item = try item.map(QueueInput.item)
        try await connection.talk { client in
            if let item {
                try await client.remove(WorkItemKey(item, in: queue))
                return connection.confirm("Removed item \(item) of queue \(queue)", ("Removed", .integer(1)))
            }
            let count = try await client.removeAll(of: queue)
            connection.confirm(
                "Removed \(count) \(count == 1 ? "item" : "items") of queue \(queue)", ("Removed", .integer(count)))
        }
    }
}

extension Connection {
    /// The queue of a name, in the namespace that is meant.
    func queue(_ name: String) throws(ClusterError) -> WorkQueueID {
        guard !name.isEmpty else { throw ClusterError(.invalid, "An empty text is the name of no queue.") }
        guard !isOfAllNamespaces else {
            throw ClusterError(
                .invalid, "A queue is in one namespace, and * means all: name it with -namespace or NOMAD_NAMESPACE.")
        }
        return WorkQueueID(name, namespace: effectiveNamespace)
    }
}
