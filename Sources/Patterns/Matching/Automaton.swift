/// Answers whether a text matches, one look into a table for each character: a deterministic automaton whose states are
/// sets of places of the program, made when a text first leads to them.
///
/// A copy costs nothing until one of both makes a new state, so that threads share what was made beforehand and each
/// makes for itself what else it needs.
struct Automaton: Sendable {
    /// States are told by where their row begins; these two have none.
    typealias State = Int32
    static let unknown: State = -1
    static let refused: State = -2
    static let matched: State = -3

    /// What a match is.
    enum Goal: Sendable {
        /// Somewhere in the text; the answer is known at the end of the first.
        case part
        /// The whole text.
        case whole
    }

    private struct Key: Hashable {
        var places: [Int32]
        /// What stands before, if that matters.
        var before: Neighbor
    }

    /// How large tables become before they are begun anew: rows and places of states together.
    private static let mostEntries = 1 << 18
    /// How large they are made beforehand.
    private static let mostPrepared = 1 << 13

    let program: Program
    let goal: Goal
    /// The number of columns: one for each class of scalars, and the last for the end of the text.
    let stride: Int
    /// For each state and class, the next state.
    private(set) var rows: [State] = []
    /// How many instructions were looked at to make the rows.
    private(set) var steps = 0
    private var keys: [Key] = []
    private var states: [Key: State] = [:]
    private var entries = 0
    private var reached: PlaceSet
    private var pending: [Int32] = []
    /// Where matching begins.
    private(set) var start: State = unknown

    init(_ program: Program, goal: Goal) {
        self.program = program
        self.goal = goal
        stride = program.classes.count + 1
        reached = PlaceSet(capacity: program.instructions.count)
        let found = reach([0], between: nil)
        start = found.hasMatch && goal == .part ? Self.matched : state(found.places, before: .none)
    }

    /// Makes rows beforehand, those near the start first, until nothing is missing or it cost enough.
    mutating func prepare(steps most: Int) {
        var row = 0
        while row < keys.count {
            for column in 0..<stride {
                guard steps < most, entries + stride <= Self.mostPrepared else { return }
                _ = next(after: State(row * stride), column: column)
            }
            row += 1
        }
    }

    /// The state behind a character, or the answer behind the end of the text.
    mutating func next(after state: State, column: Int) -> State {
        let key = keys[Int(state) / stride]
        let isEnd = column == program.classes.count
        let sample = isEnd ? nil : program.classes.samples[column]
        let after = sample.map { Neighbor($0) } ?? .none
        let here =
            key.places.contains(where: isCheck) ? reach(key.places, between: (key.before, after)).places : key.places
        let hasMatch = here.contains { program.instructions[Int($0)] == .match }
        let result: State
        if hasMatch, isEnd || goal == .part {
            result = Self.matched
        } else if let sample {
            result = advance(here, over: sample)
        } else {
            result = Self.refused
        }
        // The row is gone if the table was begun anew.
        if Int(state) + column < rows.count, keys[Int(state) / stride] == key { rows[Int(state) + column] = result }
        return result
    }

    private mutating func advance(_ places: [Int32], over scalar: UInt32) -> State {
        steps += places.count
        var targets: [Int32] = []
        for place in places {
            guard case .take(let set) = program.instructions[Int(place)] else { continue }
            if program.sets[Int(set)].contains(scalar) { targets.append(place + 1) }
        }
        if goal == .part, !program.isAnchored { targets.append(0) }
        let found = reach(targets, between: nil)
        if found.hasMatch, goal == .part { return Self.matched }
        if found.places.isEmpty { return Self.refused }
        return state(found.places, before: Neighbor(scalar))
    }

    /// The places that take a scalar, or ask for what is not known yet, and are reached without taking one. What stands
    /// around is nil as long as it is not known.
    private mutating func reach(
        _ places: [Int32], between neighbors: (before: Neighbor, after: Neighbor)?
    ) -> (places: [Int32], hasMatch: Bool) {
        reached.removeAll()
        pending = places
        while let place = pending.popLast() {
            guard reached.insert(Int(place)) else { continue }
            steps += 1
            switch program.instructions[Int(place)] {
            case .take, .match: break
            case .fork(let first, let second): pending += [first, second]
            case .jump(let target): pending.append(target)
            case .note: pending.append(place + 1)
            case .check(let assertion):
                guard let neighbors else { continue }
                if assertion.holds(between: neighbors.before, and: neighbors.after) { pending.append(place + 1) }
            }
        }
        var (list, hasMatch): ([Int32], Bool) = ([], false)
        reached.forEach { place in
            switch program.instructions[place] {
            case .match: hasMatch = true
            case .take: break
            case .check where neighbors == nil: break
            case .check, .fork, .jump, .note: return
            }
            list.append(Int32(place))
        }
        return (list, hasMatch)
    }

    private func isCheck(_ place: Int32) -> Bool {
        if case .check = program.instructions[Int(place)] { true } else { false }
    }

    /// The state of some places, with a row of its own.
    private mutating func state(_ places: [Int32], before: Neighbor) -> State {
        let key = Key(places: places, before: places.contains(where: isCheck) ? before : .other)
        if let known = states[key] { return known }
        if entries > Self.mostEntries {
            (rows, keys, states, entries) = ([], [], [:], 0)
        }
        let new = State(rows.count)
        rows += repeatElement(Self.unknown, count: stride)
        keys.append(key)
        states[key] = new
        entries += stride + places.count
        return new
    }
}

// MARK: - Matching

extension Automaton {
    /// Whether a text of UTF-8 matches, in time that grows with its length times that of the program at most. Takes the
    /// characters and instructions that it looks at from `budget`; nil if there are not enough.
    func matches(_ text: UnsafeBufferPointer<UInt8>, budget: inout Int) -> Bool? {
        var (state, position) = (start, 0)
        if state >= 0 {
            let column = follow(text, &state, &position)
            budget -= position
            if state >= 0 { state = extended(text, state, position, column, &budget) }
        }
        return budget >= 0 ? state == Self.matched : nil
    }

    /// Goes on from where a row lacks a state, with a table of its own.
    private func extended(
        _ text: UnsafeBufferPointer<UInt8>, _ state: State, _ position: Int, _ column: Int, _ budget: inout Int
    ) -> State {
        var own = self
        var (state, position, column) = (state, position, column)
        repeat {
            let (steps, start) = (own.steps, position)
            state = own.next(after: state, column: column)
            if state >= 0 { column = own.follow(text, &state, &position) }
            budget -= own.steps - steps + position - start
        } while state >= 0 && budget >= 0
        return state
    }

    /// Follows the rows to the answer, which then is the state, or to where one is missing: then the state is the one
    /// before, the position is behind the character, and the column is the result.
    private func follow(_ text: UnsafeBufferPointer<UInt8>, _ state: inout State, _ position: inout Int) -> Int {
        rows.withUnsafeBufferPointer { rows in
            program.classes.ascii.withUnsafeBufferPointer { ascii in
                var here = Int(state)
                var place = position
                while place < text.count {
                    let byte = text[place]
                    let column: Int
                    if byte < 0x80 {
                        column = Int(ascii[Int(byte)])
                        place += 1
                    } else {
                        let (scalar, width) = UTF8Text.decode(text, at: place)
                        column = program.classes.number(of: scalar)
                        place += width
                    }
                    let next = rows[here + column]
                    if next < 0 {
                        (state, position) = (next == Self.unknown ? State(here) : next, place)
                        return column
                    }
                    here = Int(next)
                }
                let column = stride - 1
                let answer = rows[here + column]
                (state, position) = (answer == Self.unknown ? State(here) : answer, place)
                return column
            }
        }
    }
}
