import ClusterKit
import HeapModule

/// What will happen, in order of time; what is due at one moment happens in the order in which it was put in.
///
/// The heap orders small entries; the events themselves, which are large, stay where they were put until they are due.
struct EventQueue<Event> {
    private struct Entry: Comparable {
        let time: Uptime
        let turn: UInt64
        let place: Int

        static func == (left: Entry, right: Entry) -> Bool { left.turn == right.turn }
        static func < (left: Entry, right: Entry) -> Bool {
            left.time == right.time ? left.turn < right.turn : left.time < right.time
        }
    }

    private var heap = Heap<Entry>()
    private var events: [Event?] = []
    private var free: [Int] = []
    private var turn: UInt64 = 0

    /// Adds an event.
    mutating func put(_ event: Event, at time: Uptime) {
        turn += 1
        let place: Int
        if let known = free.popLast() {
            place = known
            events[place] = event
        } else {
            place = events.count
            events.append(event)
        }
        heap.insert(Entry(time: time, turn: turn, place: place))
    }

    /// The next event that is due by `limit`.
    mutating func next(until limit: Uptime) -> (time: Uptime, event: Event)? {
        guard let first = heap.min, first.time <= limit, let event = events[first.place].take() else { return nil }
        heap.removeMin()
        free.append(first.place)
        return (first.time, event)
    }
}
