import ArgumentParser

/// What is measured.
enum Scenario: String, CaseIterable, ExpressibleByArgument {
    case one, count, fill, churn, classes, spread, anti, preempt, pack, tidy, reconcile, day, commit

    /// For people.
    var meaning: String {
        switch self {
        case .one:
            "single placements on the index from an empty cluster to 85 % of its processor time; and search, searches "
                + "alone on such a cluster"
        case .count: "batches of 100 equal instances on the index until five found no room for all of theirs"
        case .fill:
            "single placements on the index until nothing fits; and pool, how many equal machines it takes to hold 80 %"
        case .churn:
            "a departure and a placement in turn, at 85 %: on the index; and session, through the scheduler's session"
        case .classes:
            "like churn on the index, among 256 classes of machines, or those that --nodes-file states, of which each "
                + "shape admits half by chance"
        case .spread:
            "jobs of 1,000 instances, or of four for each machine, spread over 16 racks, through the session"
        case .anti: "the same without racks: their instances only keep away from each other"
        case .preempt:
            "instances on a full cluster that others must make room for, through the scheduler's session: all of one "
                + "size; and preempt-any, of the sizes of the workload and of four priorities"
        case .pack:
            "machines in use while instances come and go, on a pool of equal ones as large as it has to be"
        case .tidy: "the same through the scheduler's session, and with ten moves for a hundred departures"
        case .reconcile:
            "looks at a job of 10,000 instances that is as it should be, and at one that lost a node; and minutes of "
                + "servers that have nothing to do"
        case .day: "a recorded day of builds, with their lengths, played forward by the code of the servers"
        case .commit:
            "the whole way of a job: registered, looked at, placed and stored durably, in the system's folder for "
                + "temporary files"
        }
    }

    /// Each with what it means, a line each.
    static var help: String { allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n") }

    /// Whether neither `--nodes` nor `--nodes-file` makes a difference.
    var hasOwnMachines: Bool { self == .pack || self == .tidy }

    /// Whether neither `--workload` nor `--jobs-file` makes a difference.
    var hasOwnJobs: Bool { self == .reconcile || self == .day || self == .commit }

    /// The sizes of clusters that are measured when none are said: a million where it is quick, few where a day has
    /// many builds, and what others measure the whole way on.
    var sizes: [Int] {
        switch self {
        case .one: [39, 1000, 10_000, 100_000, 1_000_000]
        case .day: [39, 1000]
        case .commit: [5000]
        default: [39, 1000, 10_000, 100_000]
        }
    }

    /// For `commit` seconds are jobs, all of which stay in memory.
    var mostSeconds: Double { self == .commit ? 20 : 3600 }
}

extension Workload.Kind: ExpressibleByArgument {}
