/// Gathers mistakes. Each method states one kind of rule, so that rules of a kind read the same everywhere.
struct MistakeCollector {
    /// After so many, the rest is not worth telling: a job from a stranger may hold a million.
    private static let most = 100
    private(set) var mistakes: [JobMistake] = []

    mutating func add(_ path: JobPath, _ message: String) {
        if mistakes.count < Self.most { mistakes.append(JobMistake(path, message)) }
    }

    mutating func require(_ holds: Bool, _ path: JobPath, _ message: @autoclosure () -> String) {
        if !holds { add(path, message()) }
    }

    /// A whole number within bounds.
    mutating func number(_ value: Int, in range: ClosedRange<Int>, _ path: JobPath) {
        if value < range.lowerBound {
            add(path, "must be at least \(range.lowerBound), is \(value)")
        } else if value > range.upperBound {
            add(path, "must be at most \(range.upperBound), is \(value)")
        }
    }

    /// A time span that is not shorter than `least`, nor absurdly long.
    mutating func duration(_ value: Duration, atLeast least: Duration = .zero, _ path: JobPath) {
        if value < least {
            add(path, "must be at least \(least.compactText), is \(value.compactText)")
        } else if value > JobLimits.duration {
            add(path, "must be at most \(JobLimits.duration.compactText), is \(value.compactText)")
        }
    }

    /// One of some words; an empty one among them stands for none.
    mutating func word(_ value: String, among words: [String], _ path: JobPath) {
        guard !words.contains(value) else { return }
        add(
            path, "must be one of \(words.filter { !$0.isEmpty }.joined(separator: ", ")); is \(value.quotedForDisplay)"
        )
    }

    /// How many blocks of a type there are.
    mutating func limit(_ count: Int, _ path: JobPath, _ what: String) {
        guard count > JobLimits.blocks else { return }
        add(path, "has \(count) \(what); at most \(JobLimits.blocks) are taken")
    }

    /// Names that must differ; the second of two equal ones is the mistake.
    mutating func unique(_ names: [(name: String, path: JobPath)], _ what: String) {
        var seen: Set<String> = []
        for (name, path) in names where !seen.insert(name).inserted {
            add(path, "the \(what) \(name.quotedForDisplay) is there already; give this one another name")
        }
    }
}
