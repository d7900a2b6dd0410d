/// What clients and workers want of the queues of work.
package enum WorkRequest: Sendable {
    /// Keep this item until it is done.
    case put(WorkOrder, in: WorkQueueID)
    /// Have an item of the queue; wait so long for one if there is none.
    case claim(WorkQueueID, WorkerStatement, wait: Duration)
    /// Keep the item: the worker is alive.
    case renew(WorkTicket)
    /// Keep the item, and tell how far it is.
    case progress(WorkTicket, Double, String)
    /// Give the item back.
    case giveBack(WorkTicket, WorkReturn)
    /// The item is done; this came of it.
    case complete(WorkTicket, result: [UInt8], message: String)
    /// Forget an item, whoever has it.
    case remove(WorkItemKey)
    /// Forget all items of a queue.
    case removeQueue(WorkQueueID)
    /// Which workers have asked for items of a queue of late.
    case workers(of: WorkQueueID)
}

/// What comes back.
package enum WorkReply: Sendable {
    /// The item as it is now. `isNew` tells whether it was not there before; `lease` how long the worker has it unless
    /// it is heard of again.
    case item(WorkItem, isNew: Bool, lease: Duration)
    /// No item came in time.
    case nothing
    /// So many items are gone.
    case removed(Int)
    /// Who asked for items.
    case workers([SeenWorker])
}
