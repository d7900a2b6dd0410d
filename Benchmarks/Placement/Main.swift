import ArgumentParser
import ClusterKit

/// `placement`: what deciding costs, on clusters of many sizes.
@main struct PlacementBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "placement", abstract: "Measures how fast and how tightly instances are placed.",
        discussion: """
            Clusters are multiples of 39 machines with 600 cores and 1.7 TiB: 35 with 16 cores and 28 GiB, 2 with 16
            cores and 352 GiB, 2 with 4 cores and 28 GiB. Rates are per second of thread CPU time, medians of rounds
            that alternate between the index and two references: a scan over arrays of numbers and one over plain
            records.
            """)

    @Option(help: "Cluster sizes, separated by commas.")
    var nodes = "39,1000,10000,100000"

    @Option(help: "Sizes of instances: mix, heavy (lognormal, 2000 shapes) or day (builds of one day).")
    var workload = Workload.Kind.mix

    @Option(help: "Machines from a CSV file: name,cpu_mhz,memory_mib,disk_mib,class. Leaves out pack and tidy.")
    var nodesFile: String?

    @Option(
        help: "Shapes from a CSV file: name,count,cpu_mhz,memory_mib,disk_mib. Leaves out reconcile, day and commit.")
    var jobsFile: String?

    @Option(help: ArgumentHelp("What is measured; all but commit when it is not said.", discussion: Scenario.help))
    var scenario: Scenario?

    @Option(help: "About how many seconds each measurement takes.")
    var seconds = 1.0

    @Option(help: "Decides everything that chance decides.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds \(seconds): must be more than 0 and at most 3600.")
        }
        guard try !sizes().isEmpty else {
            throw ValidationError("--nodes is empty: write numbers from 1 to 4000000, separated by commas.")
        }
        if let scenario, nodesFile != nil, scenario.hasOwnMachines {
            throw ValidationError("--nodes-file: \(scenario.rawValue) has machines of its own; leave it out.")
        }
        if let scenario, jobsFile != nil, scenario.hasOwnJobs {
            throw ValidationError("--jobs-file: \(scenario.rawValue) has jobs of its own; leave it out.")
        }
    }

    func run() async throws {
        let report = Report(isJSON: json)
        let shapes = try jobsFile.map(InputFile.shapes) ?? Workload.shapes(workload, seed: seed)
        let clusters = try nodesFile.map { [try InputFile.machines($0)] } ?? sizes().map(Machine.standard)
        if jobsFile != nil || nodesFile != nil {
            for machines in clusters { try InputFile.check(shapes, on: machines) }
        }
        for scenario in scenario.map({ [$0] }) ?? Scenario.allCases where scenario != .commit || self.scenario != nil {
            if jobsFile != nil && scenario.hasOwnJobs || nodesFile != nil && scenario.hasOwnMachines { continue }
            for machines in scenario.hasOwnMachines ? clusters.prefix(1) : clusters[...] {
                let bench = Bench(
                    machines: machines, shapes: shapes, workload: jobsFile ?? workload.rawValue, seconds: seconds,
                    seed: seed)
                for figure in try await bench.run(scenario) { report.show(figure) }
            }
        }
    }

    private func sizes() throws -> [Int] {
        try nodes.split(separator: ",").map { text in
            guard let size = Int(text), (1...4_000_000).contains(size) else {
                throw ValidationError("--nodes \(text): write numbers from 1 to 4000000, separated by commas.")
            }
            return size
        }
    }
}

/// What is measured.
enum Scenario: String, CaseIterable, ExpressibleByArgument {
    case one, count, fill, churn, classes, spread, anti, preempt, pack, tidy, reconcile, day, commit

    /// For people.
    var meaning: String {
        switch self {
        case .one: "single placements on the index from an empty cluster to 85 % of its processor time"
        case .count: "batches of 100 equal instances until the cluster is full"
        case .fill: "single placements until the cluster is full, and how many machines a cluster of 80 % needs"
        case .churn:
            "a departure and a placement in turn, at 85 %: on the index, and through the scheduler's session"
        case .classes: "like churn, among 256 classes of machines of which each shape admits half"
        case .spread: "jobs of 1,000 instances spread over 16 racks, through the scheduler's session"
        case .anti: "jobs of 1,000 instances that keep away from each other, through the scheduler's session"
        case .preempt:
            "instances on a full cluster that others must make room for, through the scheduler's session: all of one "
                + "size, and of any size and priority"
        case .pack:
            "machines in use while instances come and go, on a pool of equal ones as large as it has to be"
        case .tidy: "the same through the scheduler's session, and with ten moves for a hundred departures"
        case .reconcile:
            "looks at a job of 10,000 instances that is as it should be, and at one that lost a node; and minutes of "
                + "servers that have nothing to do"
        case .day: "a recorded day of builds, with their lengths, played forward by the code of the servers"
        case .commit: "the whole way of a job: registered, looked at, placed and stored durably"
        }
    }

    /// Each with what it means, a line each.
    static var help: String { allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n") }

    /// Whether neither `--nodes` nor `--nodes-file` makes a difference.
    var hasOwnMachines: Bool { self == .pack || self == .tidy }

    /// Whether neither `--workload` nor `--jobs-file` makes a difference.
    var hasOwnJobs: Bool { self == .reconcile || self == .day || self == .commit }
}

extension Workload.Kind: ExpressibleByArgument {}
