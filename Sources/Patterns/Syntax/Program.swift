/// A pattern made ready for matching. It never changes, so any number of threads may use it.
final class Program: Sendable {
    /// With places counted from the start.
    let instructions: [Instruction]
    /// The sets that instructions name.
    let sets: [ScalarSet]
    let classes: ScalarClasses
    /// The names of the groups, from group 1 on; nil for those without.
    let groupNames: [String?]
    /// Whether a match can begin nowhere but at the start of the text.
    let isAnchored: Bool
    /// Whether it asks for what stands around a place.
    let hasChecks: Bool
    /// For each instruction, those that go on with it without taking a scalar: a stretch of `origins`.
    private let originStarts: [Int32]
    private let origins: [Int32]

    init(_ fragment: Fragment, sets: [ScalarSet], groupNames: [String?]) {
        var instructions = fragment.code + [.match]
        for (place, instruction) in instructions.enumerated() {
            let place = Int32(place)
            switch instruction {
            case .fork(let first, let second): instructions[Int(place)] = .fork(place + first, place + second)
            case .jump(let target): instructions[Int(place)] = .jump(place + target)
            case .take, .note, .check, .match: break
            }
        }
        self.instructions = instructions
        self.sets = sets
        self.groupNames = groupNames
        isAnchored = fragment.isAnchored
        // Assertions tell newlines and words apart, so classes have to.
        var told: Set<Assertion> = []
        for case .check(let assertion) in instructions { told.insert(assertion) }
        hasChecks = !told.isEmpty
        let lines = told.contains(.lineStart) || told.contains(.lineEnd) ? [ScalarSet.newline] : []
        let words = told.contains(.wordEdge) || told.contains(.noWordEdge) ? [ScalarSet(NamedClasses.words)] : []
        classes = ScalarClasses(sets + lines + words)
        (originStarts, origins) = Self.origins(in: instructions)
    }

    /// The number of groups, the whole match not counted.
    var groupCount: Int { groupNames.count }

    /// The instructions that lead to one without taking a scalar.
    func origins(of place: Int) -> ArraySlice<Int32> {
        origins[Int(originStarts[place])..<Int(originStarts[place + 1])]
    }

    private static func origins(in instructions: [Instruction]) -> (starts: [Int32], list: [Int32]) {
        var edges: [(from: Int32, to: Int32)] = []
        for (place, instruction) in instructions.enumerated() {
            let place = Int32(place)
            switch instruction {
            case .fork(let first, let second): edges += [(place, first), (place, second)]
            case .jump(let target): edges.append((place, target))
            case .note, .check: edges.append((place, place + 1))
            case .take, .match: break
            }
        }
        var starts = [Int32](repeating: 0, count: instructions.count + 1)
        for edge in edges { starts[Int(edge.to) + 1] += 1 }
        for place in instructions.indices { starts[place + 1] += starts[place] }
        var next = starts
        var list = [Int32](repeating: 0, count: edges.count)
        for edge in edges {
            list[Int(next[Int(edge.to)])] = edge.from
            next[Int(edge.to)] += 1
        }
        return (starts, list)
    }
}
