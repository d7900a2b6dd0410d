/// Finds the matches in a text one after the other, each the leftmost, and of those the one that a search which tries
/// alternatives in their order would find first.
struct MatchFinder {
    private let program: Program
    private let text: [UInt8]
    private var reach: ReachTable
    /// Where the next search begins; nil if there is none.
    private var searchStart: Int? = 0
    /// Where the last match ended.
    private var lastEnd = -1
    private var visited: PlaceSet
    private var ways: [Way] = []

    /// How many characters and instructions may still be looked at. Below zero, there are no more matches.
    var budget: Int { reach.budget }

    /// Takes steps, which are not negative, from the budget.
    mutating func spend(_ steps: Int) { reach.budget = steps > reach.budget ? -1 : reach.budget - steps }

    /// Goes through the text once; the search itself goes through it once more.
    init(_ program: Program, _ text: [UInt8], budget: Int) {
        self.program = program
        self.text = text
        reach = ReachTable(program, text, budget: budget)
        visited = PlaceSet(capacity: program.instructions.count)
    }

    /// The bounds of the next match and of its groups, two for each; -1 for a group that took no part. Empty matches
    /// right behind another match are left out, as in Go.
    mutating func next() -> [Int]? {
        while let start = searchStart {
            guard let bounds = match(from: start), budget >= 0 else {
                searchStart = nil
                return nil
            }
            let end = bounds[1]
            // An empty match where the search began would be found for ever.
            searchStart = end > start ? end : end < text.count ? end + width(at: end) : nil
            let isRepeated = bounds[0] == end && end == lastEnd
            lastEnd = end
            if !isRepeated { return bounds }
        }
        return nil
    }

    private func width(at place: Int) -> Int {
        text.withUnsafeBufferPointer { UTF8Text.decode($0, at: place).width }
    }

    private mutating func match(from start: Int) -> [Int]? {
        var place = start
        while !reach.reaches(0, at: place) {
            reach.budget -= 1
            guard place < text.count, !program.isAnchored, budget >= 0 else { return nil }
            place += width(at: place)
        }
        var bounds = [Int](repeating: -1, count: 2 * (program.groupCount + 1))
        spend(bounds.count)
        bounds[0] = place
        var instruction = 0
        while let next = take(from: instruction, at: place, &bounds) {
            place += width(at: place)
            instruction = next
        }
        bounds[1] = place
        return bounds
    }

    private enum Way {
        case on(Int)
        /// What a note said before it was followed in vain.
        case undo(slot: Int, bound: Int)
    }

    /// Follows instructions up to the preferred one that takes the next character and can still match, and gives the
    /// one behind it; nil if the preferred way is that the match ends here.
    private mutating func take(from first: Int, at place: Int, _ bounds: inout [Int]) -> Int? {
        let scalar = place < text.count ? text.withUnsafeBufferPointer { UTF8Text.decode($0, at: place) } : nil
        visited.removeAll()
        ways.removeAll(keepingCapacity: true)
        ways.append(.on(first))
        while let way = ways.popLast() {
            guard case .on(let instruction) = way else {
                if case .undo(let slot, let bound) = way { bounds[slot] = bound }
                continue
            }
            // Who comes again without having taken anything goes round in circles.
            guard visited.insert(instruction) else { continue }
            reach.budget -= 1
            switch program.instructions[instruction] {
            case .take(let number):
                guard let scalar, program.sets[Int(number)].contains(scalar.scalar) else { continue }
                if reach.reaches(instruction + 1, at: place + scalar.width) { return instruction + 1 }
            case .fork(let preferred, let other):
                ways.append(.on(Int(other)))
                ways.append(.on(Int(preferred)))
            case .jump(let target): ways.append(.on(Int(target)))
            case .note(let slot):
                ways.append(.undo(slot: Int(slot), bound: bounds[Int(slot)]))
                ways.append(.on(instruction + 1))
                bounds[Int(slot)] = place
            case .check(let assertion):
                let before = place > 0 ? Neighbor(text[place - 1]) : .none
                let after = place < text.count ? Neighbor(text[place]) : .none
                if assertion.holds(between: before, and: after) { ways.append(.on(instruction + 1)) }
            case .match: return nil
            }
        }
        return nil
    }
}
