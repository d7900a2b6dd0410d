import ClusterKit
import HeapModule

/// What will happen, in order of time; what is due at one moment happens in the order in which it was put in.
struct EventQueue<Event> {
    private struct Entry: Comparable {
        let time: Uptime
        let turn: UInt64
        let event: Event

        static func == (left: Entry, right: Entry) -> Bool { left.turn == right.turn }
        static func < (left: Entry, right: Entry) -> Bool { (left.time, left.turn) < (right.time, right.turn) }
    }

    private var heap = Heap<Entry>()
    private var turn: UInt64 = 0

    /// Adds an event.
    mutating func put(_ event: Event, at time: Uptime) {
        turn += 1
        heap.insert(Entry(time: time, turn: turn, event: event))
    }

    /// The next event that is due by `limit`.
    mutating func next(until limit: Uptime) -> (time: Uptime, event: Event)? {
        guard let first = heap.min, first.time <= limit else { return nil }
        heap.removeMin()
        return (first.time, first.event)
    }
}
