import ClusterKit
import ClusterTesting

/// Runs one seed after the other and adds up what they showed.
struct Campaign {
    private let settings: Settings
    private var events = 0
    private var faults: [String: Int] = [:]
    private var messages: [String: Int] = [:]
    private var operations: [String: Int] = [:]
    private var refusals: [String: Int] = [:]
    private var jobs: [String: Int] = [:]
    private var outcomes: [String: Int] = [:]
    private var transitions: [String: Int] = [:]
    /// Rules that a mutant broke and that are not there to find it.
    private var others: [String: Int] = [:]
    private var trace: UInt64 = 0
    private var calmest = (faults: Int.max, operations: Int.max)

    init(_ settings: Settings) { self.settings = settings }

    /// Whether all seeds kept all promises; with a mutant, whether one of them found it.
    mutating func run() -> Bool {
        let start = SystemTime().now().uptime
        for seed in settings.firstSeed..<settings.firstSeed + settings.seeds {
            let report = SimulatedWorld(options(seed)).run()
            if let mutant = settings.mutant {
                if isFound(mutant, by: report) { return true }
                continue
            }
            if let violation = report.violations.first { return settle(violation, seed) }
            if settings.runsTwice, SimulatedWorld(options(seed)).run().trace != report.trace {
                print("seed \(seed) took two different courses in one process")
                print("run it again: \(command(for: seed)) --twice")
                return false
            }
            add(report)
        }
        if let mutant = settings.mutant {
            print("the mutant \(mutant.rawValue) was not found within \(settings.seeds) seeds\(elsewhere)")
            return false
        }
        tell(SystemTime().now().uptime - start)
        guard isBusyEnough() else { return false }
        print("0 violations")
        return true
    }

    private func options(_ seed: UInt64) -> WorldOptions {
        var options = WorldOptions(
            seed: seed, nodes: settings.nodes, duration: .seconds(60 * settings.minutes))
        settings.mutant?.apply(to: &options)
        return options
    }

    /// Whether a seed broke a rule that is there to find the mutant: any other proves nothing of that rule.
    private mutating func isFound(_ mutant: Mutant, by report: WorldReport) -> Bool {
        if let violation = report.violations.first(where: { mutant.rules.contains($0.rule) }) {
            print("the mutant \(mutant.rawValue) was found by seed \(report.seed): \(violation)\(elsewhere)")
            return true
        }
        if let violation = report.violations.first { others[violation.rule, default: 0] += 1 }
        return false
    }

    /// The other rules that a mutant broke, as the end of a sentence.
    private var elsewhere: String {
        guard !others.isEmpty else { return "" }
        let words = others.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }
        return "; other seeds broke: " + words.joined(separator: ", ")
    }

    private func settle(_ violation: Violation, _ seed: UInt64) -> Bool {
        print("seed \(seed) broke a promise: \(violation)")
        print("what happened before it:")
        for line in SimulatedWorld(options(seed)).runTelling(last: settings.story).story { print("  " + line) }
        print("run it again: \(command(for: seed))")
        return false
    }

    private func command(for seed: UInt64) -> String {
        "cluster-simulate --first-seed \(seed) --seeds 1 --minutes \(settings.minutes) --nodes \(settings.nodes)"
    }

    private mutating func add(_ report: WorldReport) {
        events += report.events
        faults.merge(report.faults, uniquingKeysWith: +)
        messages.merge(report.messages, uniquingKeysWith: +)
        operations.merge(report.operations, uniquingKeysWith: +)
        refusals.merge(report.refusals, uniquingKeysWith: +)
        jobs.merge(report.jobs, uniquingKeysWith: +)
        outcomes.merge(report.outcomes, uniquingKeysWith: +)
        transitions.merge(report.transitions, uniquingKeysWith: +)
        trace = (trace ^ report.trace) &* 0x0000_0100_0000_01B3
        calmest.faults = min(calmest.faults, report.faults.values.reduce(0, +))
        calmest.operations = min(calmest.operations, report.operations.values.reduce(0, +))
    }

    private func tell(_ time: Duration) {
        let rate = Int(Double(events) / max(time.fractionalSeconds, 0.001))
        print("\(settings.seeds) seeds of \(settings.minutes) virtual minutes with \(settings.nodes) nodes")
        print("\(events) events in \(Int(time.fractionalSeconds)) s: \(rate) events/s")
        print("trace \(String(trace, radix: 16))")
        print("each seed had at least \(calmest.faults) faults and \(calmest.operations) operations")
        list("faults", faults)
        list("messages", messages)
        list("operations", operations)
        list("refused", refusals)
        list("outcomes", outcomes)
        list("jobs", jobs)
        list("transitions", transitions)
    }

    /// Over 500 seeds of an hour each kind of fault, message, wish, job and change has to occur a hundred times: what
    /// did not happen proves nothing. A few seeds say too little about what is rare.
    private func isBusyEnough() -> Bool {
        guard settings.minutes >= 30, settings.seeds >= 50 else { return true }
        let least = settings.seeds / 5
        var isEnough = true
        let all = [faults, messages, operations, outcomes, jobs, transitions].reduce(into: [:]) { all, counts in
            all.merge(counts, uniquingKeysWith: +)
        }
        for kind in WorldReport.expected {
            let count = all[kind] ?? 0
            guard count < least else { continue }
            print("\(kind) occurred \(count) times, fewer than \(least)")
            isEnough = false
        }
        return isEnough
    }

    private func list(_ title: String, _ counts: [String: Int]) {
        print("\(title):")
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(count)") }
    }
}
