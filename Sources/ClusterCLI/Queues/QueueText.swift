import ClusterClient

/// Queues and items as people read them.
enum QueueText {
    static func table(_ queues: [WorkQueueWire], withNamespace: Bool) -> Table {
        Table(
            header: ["Queue"] + (withNamespace ? ["Namespace"] : []) + ["Waiting", "Leased", "Complete", "Failed"],
            rows: queues.map {
                [$0.name] + (withNamespace ? [$0.namespace] : [])
                    + ["\($0.waiting)", "\($0.leased)", "\($0.complete)", "\($0.failed)"]
            })
    }

    static func status(_ queue: WorkQueueWire, _ items: [WorkItemWire]) -> String {
        var sections = [
            Section(
                title: "",
                body: Table.pairs([
                    ("Queue", queue.name), ("Waiting", "\(queue.waiting)"), ("Leased", "\(queue.leased)"),
                    ("Complete", "\(queue.complete)"), ("Failed", "\(queue.failed)"),
                ]))
        ]
        if !items.isEmpty {
            let rows = items.map {
                [$0.id, $0.state, "\($0.priority)", "\($0.attempts)/\($0.maxAttempts)", progress($0), note($0)]
            }
            let header = ["Item", "State", "Priority", "Attempts", "Progress", "Note"]
            sections.append(Section(title: "Items", body: Table(header: header, rows: rows).text))
        }
        if let workers = queue.workers, !workers.isEmpty {
            let rows = workers.map { worker in
                let attributes = (worker.attributes ?? [:]).sorted { $0.key < $1.key }
                let words = attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
                return [worker.name, worker.isWaiting ? "waits" : TimeText.ago(worker.time), words]
            }
            sections.append(
                Section(title: "Workers", body: Table(header: ["Name", "Asked", "Attributes"], rows: rows).text))
        }
        return Section.text(sections)
    }

    static func item(_ item: WorkItemWire) -> String {
        var sections = [
            Section(
                title: "",
                body: Table.pairs([
                    ("Item", item.id), ("Queue", item.queue), ("State", item.state), ("Note", note(item)),
                    ("Priority", "\(item.priority)"), ("Attempts", "\(item.attempts)/\(item.maxAttempts)"),
                    ("Progress", progress(item)), ("Put", TimeText.ago(item.createTime)),
                ]))
        ]
        for (title, text) in [("Payload", item.payload), ("Result", item.result)] {
            if let text, !text.isEmpty { sections.append(Section(title: title, body: text)) }
        }
        return Section.text(sections)
    }

    private static func progress(_ item: WorkItemWire) -> String {
        guard item.state == "leased" || item.progress > 0 else { return "-" }
        return "\(Int(item.progress * 100))%"
    }

    /// What matters most of an item in its state, on one line.
    private static func note(_ item: WorkItemWire) -> String { AllocationText.whole(words(of: item)) }

    private static func words(of item: WorkItemWire) -> String {
        switch item.state {
        case "leased": item.progressText.isEmpty ? item.worker : "\(item.worker): \(item.progressText)"
        case "waiting" where item.attempts > 0: "\(item.reason); last: \(item.message)"
        case "waiting": item.reason
        default: item.message
        }
    }
}
