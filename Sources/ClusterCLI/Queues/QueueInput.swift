import ClusterKit
import HCL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What commands about queues are given, by arguments and by the environment.
enum QueueInput {
    /// `key=value`, each key once.
    static func attributes(_ pairs: [String]) throws(ClusterError) -> [String: String] {
        var attributes: [String: String] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ClusterError(.invalid, "Give attributes as -attr key=value, not \"\(pair)\".")
            }
            guard attributes.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw ClusterError(.invalid, "The attribute \(parts[0]) is given twice.")
            }
        }
        return attributes
    }

    /// The name of an item. An empty one would be taken for its queue.
    static func item(_ name: String) throws(ClusterError) -> String {
        guard !name.isEmpty else { throw ClusterError(.invalid, "An empty text is the name of no item.") }
        return name
    }

    static func span(_ text: String, _ flag: String) throws(ClusterError) -> Duration {
        guard !DurationText.isTooLong(text) else {
            throw ClusterError(.invalid, "\(flag) is too large: \"\(text)\" is longer than 292 years.")
        }
        guard let span = DurationText.parse(text), span >= .zero else {
            throw ClusterError(.invalid, "\(flag) must be a time span such as 30s or 1h, not \"\(text)\".")
        }
        return span
    }

    /// The lease under which this program runs, as `cluster claim` told it.
    static func ticket(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ClusterError) -> WorkTicket {
        guard let queue = environment["CLUSTER_QUEUE"], let id = environment["CLUSTER_ITEM_ID"],
            let token = environment["CLUSTER_ITEM_TOKEN"].flatMap({ UInt64($0) })
        else {
            throw ClusterError(
                .invalid,
                "CLUSTER_QUEUE, CLUSTER_ITEM_ID and CLUSTER_ITEM_TOKEN are not set; is this a command that "
                    + "`cluster claim` runs?")
        }
        let namespace = environment["CLUSTER_QUEUE_NAMESPACE"] ?? "default"
        return WorkTicket(WorkItemKey(id, in: WorkQueueID(queue, namespace: namespace)), token: token)
    }
}
