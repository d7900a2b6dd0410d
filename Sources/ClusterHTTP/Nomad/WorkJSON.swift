import ClusterKit

extension AnswerWriter {
    /// The members of a queue.
    mutating func queue(_ queue: WorkQueueID, _ counts: WorkCounts?) {
        field("Name", queue.name)
        field("Namespace", queue.namespace)
        field("Waiting", counts?.waiting ?? 0)
        field("Leased", counts?.leased ?? 0)
        field("Complete", counts?.complete ?? 0)
        field("Failed", counts?.failed ?? 0)
        field("Bytes", counts?.bytes ?? 0)
    }

    /// A worker that asked for items.
    mutating func worker(_ seen: SeenWorker) {
        object {
            $0.field("Name", seen.worker.name)
            $0.field("Attributes", seen.worker.attributes)
            $0.field("AllocID", seen.worker.allocation)
            $0.field("IsWaiting", seen.isWaiting)
            $0.field("Time", seen.time)
        }
    }

    /// An item; without its payload and result unless `isWhole`.
    mutating func item(_ item: WorkItem, reason: String = "", isWhole: Bool = true) {
        object {
            $0.field("ID", item.key.id)
            $0.field("Queue", item.key.queue.name)
            $0.field("Namespace", item.key.queue.namespace)
            $0.field("State", item.state.rawValue)
            $0.field("Reason", reason)
            $0.field("Priority", item.priority)
            $0.name("Constraints")
            $0.array(item.constraints) { writer, constraint in
                writer.object {
                    $0.field("LTarget", constraint.attribute)
                    $0.field("Operand", constraint.comparison.rawValue)
                    $0.field("RTarget", constraint.value)
                }
            }
            $0.field("Attempts", item.attempts)
            $0.field("MaxAttempts", item.maxAttempts)
            $0.field("ReadyTime", item.readyTime?.nanoseconds ?? 0)
            $0.field("Token", item.token)
            $0.field("Worker", item.lease?.worker ?? "")
            $0.field("AllocID", item.lease?.allocation)
            $0.field("LeaseStart", item.lease?.start.nanoseconds ?? 0)
            $0.field("Outcome", item.outcome?.rawValue ?? "")
            $0.field("Message", item.message)
            $0.field("Progress", item.progress)
            $0.field("ProgressText", item.progressText)
            if isWhole {
                $0.field("Payload", String(decoding: item.payload, as: UTF8.self))
                $0.field("Result", String(decoding: item.result, as: UTF8.self))
            }
            $0.field("RetentionSeconds", item.retention.fractionalSeconds)
            $0.field("CreateTime", item.createTime)
            $0.field("ModifyTime", item.modifyTime)
            $0.field("CreateIndex", item.createRevision)
            $0.field("ModifyIndex", item.modifyRevision)
        }
    }
}

extension JSONBody {
    /// A text as it is; any other value as JSON. Nothing when it is not stated.
    func bytes(_ name: String) -> [UInt8] {
        switch member(name) {
        case nil: []
        case .string(let text): Array(text.utf8)
        case .some(let value): AnswerWriter.bytes { $0.json(value) }
        }
    }
}

extension AnswerWriter {
    /// A value as it came, the members of objects in their order.
    fileprivate mutating func json(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): number(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let values): array(values) { $0.json($1) }
        case .object(let object):
            self.object { writer in
                for (name, value) in object.members {
                    writer.name(escaping: name)
                    writer.json(value)
                }
            }
        }
    }
}
