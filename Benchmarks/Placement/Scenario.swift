import ArgumentParser

/// What is measured.
enum Scenario: String, CaseIterable, ExpressibleByArgument {
    case one, count, fill, churn, classes, spread, anti, preempt, pack, tidy, reconcile, day, commit

    /// For people.
    var meaning: String {
        switch self {
        case .one:
            "single placements on the index from an empty cluster to 85 % of the load; and search, searches alone on "
                + "such a cluster, of which the column found says how many find room"
        case .count: "batches of 100 equal instances on the index until five found no room for all of theirs"
        case .fill:
            "single placements on the index until nothing fits; and pool, how many equal machines it takes to hold 80 %"
        case .churn:
            "a departure and a placement in turn, at 85 % of the load, and after one that found no room more of them "
                + "until the load is back: on the index; and session, through the scheduler's session"
        case .classes:
            "like churn on the index, among 256 classes of machines, or those that --nodes-file states, of which each "
                + "shape admits half by chance"
        case .spread:
            "jobs of 1,000 instances, or of four for each machine, spread over 16 racks, through the session; and "
                + "spread-first, the first questions of sessions"
        case .anti: "the same without racks: their instances only keep away from each other; and anti-first"
        case .preempt:
            "instances on a full cluster that others must make room for, through the scheduler's session: of fixed "
                + "sizes; and preempt-any, of the sizes of the workload and of four priorities; each with the first "
                + "questions of sessions, preempt-first and preempt-any-first"
        case .pack:
            "machines in use while instances come and go, on a pool of equal ones as large as it has to be"
        case .tidy: "the same through the scheduler's session, and with ten moves for a hundred departures"
        case .reconcile:
            "looks at a job of 10,000 equal instances that is as it should be, and at one that lost a node "
                + "(reconcile-lost); and minutes of servers that have nothing to do, without jobs and with 10,000 "
                + "(minute, minute-idle)"
        case .day: "a recorded day of builds, with their lengths, played forward by the code of the servers"
        case .commit:
            """
            the whole way of a job: registered, looked at, placed and stored durably, in the system's folder for \
            temporary files (TMPDIR says which; in memory nothing is durable), of 1,000 instances (commit) and of one \
            (commit-single); each with the folder opened again (commit-open, commit-single-open). Before them the \
            steps in one thread, commit-plan, -apply, -confirm, -encode, -free, -write, -decode and -build, and the \
            memory of snapshot, session and both, commit-snapshot, -session and -state. Its nodes have 64,000 MHz, \
            256 GiB and 1,000,000 MiB of disk, its instances 100 MHz, 64 MiB and 300 MiB
            """
        }
    }

    /// Each with what it means, a line each.
    static var help: String { allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n") }

    /// Whether neither `--nodes` nor `--nodes-file` makes a difference.
    var hasOwnPool: Bool { self == .pack || self == .tidy }

    /// Whether `--nodes-file` makes no difference.
    var hasOwnMachines: Bool { hasOwnPool || self == .commit }

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
