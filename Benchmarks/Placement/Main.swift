import ArgumentParser
import ClusterKit

/// `placement`: what deciding costs, on clusters of many sizes.
@main struct PlacementBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "placement", abstract: "Measures how fast and how tightly instances are placed.",
        discussion: """
            Clusters are multiples of 39 machines with 600 cores and 1.7 TiB: 35 with 16 cores and 28 GiB, 2 with 16 \
            cores and 352 GiB, 2 with 4 cores and 28 GiB.

            The load is what they have room for: of instances of the workload's mean size, as many on each as that \
            amount allows of which it has least.

            Rates are per second of thread CPU time, those of commit of the CPU time of all threads. In the lines one, \
            search, count, fill, churn, classes, session, spread, anti, preempt and preempt-any they are medians of \
            five rounds that alternate between what is measured and its references. The other lines have neither \
            rounds nor references. pack and tidy have no rate.

            arrays/s: a scan over arrays of numbers. It finds the nodes and writes down nothing else. None chooses who \
            leaves, so preempt has none.
            plain/s: the plain scan, over records beside the index, and the scheduler that defines what is right \
            beside the session. Where one decision of that takes long, it has fewer rounds.
            no index/s: the session without the index, up to 1,000 machines.
            They make what they can in their time: of one, count and fill the beginnings of up to 16 parts, from the \
            state of each on; of the others as much as that is from the same state on.

            p50 and p99 are of single decisions in a pass of their own: of one, fill, churn and classes placements, of \
            search searches, by the clock and with reading it; of session, preempt and preempt-any in thread CPU time. \
            spread-first, anti-first, preempt-first and preempt-any-first have the median of the first questions of \
            some sessions, in thread CPU time.

            found: which part of the searches found room.

            growth: how many times as long as on the first of the clusters one takes, by the column per second.
            """)

    @Option(
        help: ArgumentHelp(
            "Cluster sizes, separated by commas. (default: 39,1000,10000,100000)",
            discussion: "one has 1000000 by default too, day only 39,1000, and commit 5000."))
    var nodes: String?

    @Option(
        help: ArgumentHelp(
            "Sizes of instances: mix, heavy (lognormal, 2000 shapes) or day (builds of one day). (default: mix)",
            discussion: "reconcile, day and commit have jobs of their own, and so has preempt but for preempt-any."))
    var workload: Workload.Kind?

    @Option(
        help: ArgumentHelp(
            "Machines from a CSV file: name,cpu_mhz,memory_mib,disk_mib,class. Leaves out pack, tidy and commit.",
            discussion: "Machines of different classes are told apart; only classes admits some and others not."))
    var nodesFile: String?

    @Option(
        help: ArgumentHelp(
            "Shapes from a CSV file: name,count,cpu_mhz,memory_mib,disk_mib. Leaves out reconcile, day and commit.",
            discussion: """
                They are drawn by their counts; 0 never comes. Where one that comes does not fit on a machine with 16 \
                cores, 28 GiB and 1,000,000 MiB of disk, pool, pack and tidy are left out, or refused by their names.
                """))
    var jobsFile: String?

    @Option(help: ArgumentHelp("What is measured; all when it is not said.", discussion: Scenario.help))
    var scenario: Scenario?

    @Option(
        help: ArgumentHelp(
            "About how many seconds each measurement takes, and each of its references; at most 3600.",
            discussion: """
                pool, pack, tidy and day take what they take. reconcile makes 50 looks a second, three at least. \
                commit registers 100 jobs of 1,000 instances and 10,000 of one for each second, as far as its nodes \
                have room; beyond 20 it is left out. preempt makes at most 400 decisions a round for \
                each.
                """))
    var seconds = 1.0

    @Option(help: "Decides everything that chance decides.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        let most = (scenario ?? .one).mostSeconds
        guard seconds > 0, seconds <= most else {
            let why = scenario == .commit ? ": commit places 210,000 instances for each" : ""
            throw ValidationError("--seconds \(seconds): must be more than 0 and at most \(Int(most))\(why).")
        }
        guard try !sizes(of: .one).isEmpty else {
            throw ValidationError("--nodes is empty: write numbers from 1 to 4000000, separated by commas.")
        }
        try refuseWhatIsIgnored()
    }

    private func refuseWhatIsIgnored() throws {
        if nodes != nil, nodesFile != nil {
            throw ValidationError("--nodes: the machines are those of --nodes-file; leave one of them out.")
        }
        if workload != nil, jobsFile != nil {
            throw ValidationError("--workload: the shapes are those of --jobs-file; leave one of them out.")
        }
        guard let scenario else { return }
        if nodes != nil, scenario.hasOwnPool {
            throw ValidationError("--nodes: \(scenario.rawValue) has as many machines as it needs; leave it out.")
        }
        if nodesFile != nil, scenario.hasOwnMachines {
            throw ValidationError("--nodes-file: \(scenario.rawValue) has machines of its own; leave it out.")
        }
        guard scenario.hasOwnJobs, workload != nil || jobsFile != nil else { return }
        let name = workload != nil ? "--workload" : "--jobs-file"
        throw ValidationError("\(name): \(scenario.rawValue) has jobs of its own; leave it out.")
    }

    func run() async throws {
        let report = Report(isJSON: json)
        let kind = workload ?? .mix
        let shapes = try jobsFile.map(InputFile.shapes) ?? Workload.shapes(kind, seed: seed)
        let own = try nodesFile.map(InputFile.machines)
        try check(shapes, own)
        for scenario in scenario.map({ [$0] }) ?? Scenario.allCases {
            if jobsFile != nil && scenario.hasOwnJobs || nodesFile != nil && scenario.hasOwnMachines { continue }
            let clusters = try own.map { [$0] } ?? sizes(of: scenario).map(Machine.standard)
            for machines in scenario.hasOwnPool ? clusters.prefix(1) : clusters[...] {
                var bench = Bench(
                    machines: machines, shapes: shapes, workload: jobsFile ?? kind.rawValue, seconds: seconds,
                    seed: seed)
                if jobsFile == nil { bench.population = kind.population }
                if let objection = bench.objection(to: scenario) {
                    guard self.scenario == nil else { throw ValidationError("\(objection).") }
                    Remark.say("\(objection), so it is left out")
                    continue
                }
                for figure in try await bench.run(scenario) {
                    report.show(figure)
                    guard figure.isEmpty else { continue }
                    Remark.say("\(figure.scenario) on \(figure.nodes) machines: nothing was measured")
                }
            }
        }
    }

    /// Before anything is measured.
    private func check(_ shapes: [Shape], _ own: [Machine]?) throws {
        guard jobsFile != nil || own != nil, scenario?.hasOwnMachines != true else { return }
        for machines in try own.map({ [$0] }) ?? sizes(of: scenario ?? .one).map(Machine.standard) {
            try InputFile.check(shapes, on: machines)
        }
    }

    private func sizes(of scenario: Scenario) throws -> [Int] {
        guard let nodes else { return scenario.sizes }
        return try nodes.split(separator: ",").map { text in
            guard let size = Int(text), (1...4_000_000).contains(size) else {
                throw ValidationError("--nodes \(text): write numbers from 1 to 4000000, separated by commas.")
            }
            return size
        }
    }
}
