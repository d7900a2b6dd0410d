/// The sets of a `ReachTable`, each made once: a deterministic automaton that reads backwards.
struct ReachSets {
    typealias Number = Int32

    private static let unknown: Number = -1
    /// Programs that tell more characters apart have no rows: they would be long, and seldom used twice.
    private static let mostColumns = 256

    private let program: Program
    private var sets: [PlaceSet] = []
    private var numbers: [PlaceSet: Number] = [:]
    /// For each set, class of characters and what stands before the character, the set before the character.
    private var rows: [Number] = []
    /// 0 if there are no rows.
    private let columns: Int
    private var scratch: PlaceSet
    private var pending: [Int] = []
    private var steps = 0

    init(_ program: Program) {
        self.program = program
        let columns = program.classes.count * (program.hasChecks ? 4 : 1)
        self.columns = columns <= Self.mostColumns ? columns : 0
        scratch = PlaceSet(capacity: program.instructions.count)
    }

    /// How many words one set and its row take.
    var wordsEach: Int { scratch.words.count + columns / 2 + 1 }

    /// How many all of them take.
    var words: Int { sets.count * wordsEach }

    subscript(number: Number) -> PlaceSet { sets[Int(number)] }

    func contains(_ instruction: Int, in number: Number) -> Bool { sets[Int(number)].contains(instruction) }

    mutating func removeAll() {
        sets = []
        numbers = [:]
        rows = []
    }

    /// How many instructions were looked at since the last question.
    mutating func takeSteps() -> Int {
        defer { steps = 0 }
        return steps
    }

    mutating func number(of set: PlaceSet) -> Number {
        if let known = numbers[set] { return known }
        let new = Number(sets.count)
        sets.append(set)
        numbers[set] = new
        rows += repeatElement(Self.unknown, count: columns)
        return new
    }

    /// The set at the end of the text, given what stands behind, that is, to the left.
    mutating func atEnd(behind before: Neighbor) -> Number {
        pending.removeAll(keepingCapacity: true)
        return finish(before: before, after: .none)
    }

    /// The set before a character, from the one after it.
    mutating func number(before scalar: UInt32, from next: Number, behind before: Neighbor) -> Number {
        var cell = 0
        if columns > 0 {
            let number = program.classes.number(of: scalar)
            let column = program.hasChecks ? number * 4 + Int(before.rawValue) : number
            cell = Int(next) * columns + column
            if rows[cell] != Self.unknown { return rows[cell] }
        }
        pending.removeAll(keepingCapacity: true)
        sets[Int(next)].forEach { target in
            guard target > 0, case .take(let number) = program.instructions[target - 1] else { return }
            if program.sets[Int(number)].contains(scalar) { pending.append(target - 1) }
        }
        let result = finish(before: before, after: Neighbor(scalar))
        if columns > 0 { rows[cell] = result }
        return result
    }

    /// Adds to what is pending the end of the program, which is reached everywhere, and whatever leads there without
    /// taking a character.
    private mutating func finish(before: Neighbor, after: Neighbor) -> Number {
        pending.append(program.instructions.count - 1)
        scratch.removeAll()
        while let instruction = pending.popLast() {
            guard scratch.insert(instruction) else { continue }
            steps += 1
            for origin in program.origins(of: instruction) {
                if case .check(let assertion) = program.instructions[Int(origin)],
                    !assertion.holds(between: before, and: after)
                {
                    continue
                }
                pending.append(Int(origin))
            }
        }
        return number(of: scratch)
    }
}
