import HeapModule

/// The items of one queue that a worker may have now, in lines: those that ask the same of a worker stand in one, by
/// priority and then by age.
///
/// A claim looks at the front of each line. So its cost grows with how many different demands wait, not with how many
/// items do.
struct WorkLines: Sendable {
    /// Where an item stands. Nothing comes before the one that was put first of those with the highest priority.
    struct Turn: Comparable, Sendable {
        let priority: Int
        let age: Revision
        let id: String

        init(_ item: WorkItem) {
            priority = item.priority
            age = item.createRevision
            id = item.key.id
        }

        static func < (left: Turn, right: Turn) -> Bool {
            (right.priority, left.age, left.id) < (left.priority, right.age, right.id)
        }
    }

    private struct Line: Sendable {
        let constraints: [Constraint]
        let demand: WorkDemand
        var turns = Heap<Turn>()
        /// How many of `turns` still stand.
        var count = 0
    }

    private var lines: [Line?] = []
    private var places: [[Constraint]: Int] = [:]
    private var vacant: [Int] = []
    private var standing: [String: (place: Int, turn: Turn)] = [:]

    init() {}

    var isEmpty: Bool { standing.isEmpty }

    mutating func insert(_ item: WorkItem) {
        remove(item.key.id)
        let place = places[item.constraints] ?? vacant.popLast() ?? lines.count
        if place == lines.count { lines.append(nil) }
        if lines[place] == nil {
            lines[place] = Line(constraints: item.constraints, demand: WorkDemand(item.constraints))
            places[item.constraints] = place
        }
        let turn = Turn(item)
        lines[place]?.turns.insert(turn)
        lines[place]?.count += 1
        standing[item.key.id] = (place, turn)
    }

    mutating func remove(_ id: String) {
        guard let (place, _) = standing.removeValue(forKey: id) else { return }
        lines[place]?.count -= 1
        guard let line = lines[place], line.count == 0 else { return }
        places[line.constraints] = nil
        lines[place] = nil
        vacant.append(place)
    }

    /// The first item that a worker which states `attributes` may have.
    mutating func first(for attributes: [String: String]) -> String? {
        var best: Turn?
        for place in lines.indices {
            guard let demand = lines[place]?.demand, demand.isMet(by: attributes), let turn = front(of: place) else {
                continue
            }
            if best.map({ turn < $0 }) ?? true { best = turn }
        }
        return best?.id
    }

    /// The first of a line that still stands there.
    private mutating func front(of place: Int) -> Turn? {
        while let turn = lines[place]?.turns.min {
            if let known = standing[turn.id], known.place == place, known.turn == turn { return turn }
            lines[place]?.turns.removeMin()
        }
        return nil
    }
}

extension WorkLines {
    /// What an item that stands here asks of a worker.
    func demand(of id: String) -> WorkDemand? { standing[id].flatMap { lines[$0.place]?.demand } }

    /// Where an item stands.
    func turn(of id: String) -> Turn? { standing[id]?.turn }
}
