import ClusterTesting

/// What the command line asks for.
struct Settings {
    var seeds: UInt64 = 100
    var firstSeed: UInt64 = 1
    var minutes = 60
    var nodes = 39
    var runsTwice = false
    var story = 60
    var mutant: Mutant?
    var listsMutants = false

    static let usage = """
        usage: cluster-simulate [--seeds N] [--first-seed N] [--minutes N] [--nodes N] [--twice] [--story N]
                                [--mutant NAME] [--list-mutants]

          --seeds N        how many seeds to run (100)
          --first-seed N   the seed to begin with (1)
          --minutes N      virtual minutes of faults and operations for each seed (60)
          --nodes N        machines of the simulated cluster (39)
          --twice          run each seed twice and compare the traces
          --story N        how many things are told that have to do with a broken promise (60)
          --mutant NAME    break one thing on purpose and succeed only if a rule that is there for it finds it
          --list-mutants   list what this program can break, one a line; fails when that is not all
        """

    /// Reads the arguments; `nil` when there is one that it does not know, or a number that is none.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--twice":
                runsTwice = true
                continue
            case "--list-mutants":
                listsMutants = true
                continue
            default: break
            }
            guard let value = rest.popFirst(), take(value, for: word) else { return nil }
        }
    }

    private mutating func take(_ value: String, for word: String) -> Bool {
        switch word {
        case "--mutant":
            mutant = Mutant.available.first { $0.rawValue == value }
            return mutant != nil
        case "--seeds": return set(\.seeds, value)
        case "--first-seed": return set(\.firstSeed, value)
        case "--minutes": return set(\.minutes, value)
        case "--nodes": return set(\.nodes, value)
        case "--story": return set(\.story, value)
        default: return false
        }
    }

    private mutating func set<Number: FixedWidthInteger>(
        _ path: WritableKeyPath<Settings, Number>, _ text: String
    ) -> Bool {
        guard let number = Number(text), number > 0 else { return false }
        self[keyPath: path] = number
        return true
    }
}
