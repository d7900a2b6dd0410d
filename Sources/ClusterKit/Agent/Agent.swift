public import Logging
public import ServiceLifecycle

/// Runs allocations on one machine: takes orders over its link, has drivers run tasks, and reports what became of them.
///
/// Its logic is `AgentCore`; this shell performs what the core asks for and tells it what came of it. An agent may
/// end and start again at any time: tasks go on meanwhile, and the next agent on the same data folder finds them.
public struct Agent: Service {
    private let link: any AgentLink
    private let drivers: [any TaskDriver]
    private let probers: [any Prober]
    private let configuration: AgentConfiguration
    private let time: any TimeSource
    private let logger: Logger

    /// Makes an agent that takes its orders over `link`. Of two drivers of one name, or two probers of one kind, the
    /// first is used. Checks of type http need the prober of ClusterClient, which hosts add.
    public init(
        link: any AgentLink, drivers: [any TaskDriver],
        probers: [any Prober] = [TCPProber(), ScriptProber()], configuration: AgentConfiguration,
        time: any TimeSource = SystemTime(), logger: Logger = Logger(label: "cluster.agent")
    ) {
        self.link = link
        self.drivers = drivers
        self.probers = probers
        self.configuration = configuration
        self.time = time
        self.logger = logger
    }

    /// Runs until it is asked to shut down gracefully or its task is canceled. Throws `ClusterError(.inUse)` when
    /// another agent has the data folder, and what else keeps it from starting; once it runs it does not throw.
    public func run() async throws {
        var system = SystemRandomNumberGenerator()
        var entropy = Entropy(seed: system.next())
        let (journal, folders) = try openFolders(using: &entropy)
        let machine = await DriverBench.fingerprints(of: drivers)
        let fingerprint = Fingerprint(dataFolder: configuration.dataFolder)
        let describe: @Sendable ([String: DriverStatus]) -> Node = { [configuration, id = journal.node] drivers in
            Node(id: id, fingerprint: fingerprint, configuration: configuration, drivers: drivers)
        }
        let node = describe(machine)
        let (records, seen, machineRestarted, damaged) = try journal.load()
        for line in damaged { logger.error("\(line)") }
        let loop = Loop<AgentCore>(time: time)
        let templates = TemplateWatch(link: link, node: node, folders: folders) { loop.post($0) }
        let board = MeterBoard(records)
        let bench = DriverBench(
            link: link, drivers: drivers, probers: probers, allowsHostScripts: configuration.allowsHostScripts,
            node: node, folders: folders, templates: templates, board: board, logger: logger)
        await bench.sweep(keeping: records)
        loop.post(.booted(records, seen: seen, machineRestarted: machineRestarted))
        let meter = Meter(
            link: link, drivers: drivers, node: node, configuration: configuration, board: board, folders: folders,
            time: time, logger: logger)
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await bench.watchDrivers(every: configuration.driverInterval) {
                        loop.post(.described(describe($0)))
                    }
                }
                if let meter { group.addTask { await meter.run() } }
                let work = WorkWatch(folders: folders, board: board, time: time, logger: logger)
                group.addTask { await work.run { loop.post(.worked($0, $1)) } }
                var core = AgentCore(node: node, policy: configuration.policy)
                await drive(loop, &core, entropy, bench, templates, journal, board)
                group.cancelAll()
                bench.tidyUp(after: core.records)
            }
        } onGracefulShutdown: {
            loop.post(.shutdown)
        }
    }

    private func openFolders(using entropy: inout Entropy) throws -> (AgentJournal, AllocationFolders) {
        do {
            return (
                try AgentJournal(dataFolder: configuration.dataFolder, using: &entropy),
                try AllocationFolders(dataFolder: configuration.dataFolder, secrets: configuration.secrets)
            )
        } catch let failure as SystemFailure {
            throw ClusterError(
                .internal,
                "the data folder \(configuration.dataFolder) cannot be used: \(failure); give the agent access")
        }
    }

    /// Turns the loop: what is short and must keep its order is done at once, the rest by a child for each effect.
    private func drive(
        _ loop: Loop<AgentCore>, _ core: inout AgentCore, _ entropy: Entropy, _ bench: DriverBench,
        _ templates: TemplateWatch, _ journal: AgentJournal, _ board: MeterBoard
    ) async {
        var hasEnded = false
        await withDiscardingTaskGroup { group in
            await loop.run(
                core: &core, entropy: entropy,
                perform: { effect in
                    switch effect {
                    case .persist(let record):
                        board.note(record)
                        do {
                            try journal.write(record)
                        } catch {
                            loop.post(.journalFailed(record.id, "\(error)"))
                        }
                    case .remember(let stamp):
                        do {
                            try journal.remember(stamp)
                        } catch {
                            logger.warning("the newest view cannot be kept on disk: \(error)")
                        }
                    case .forget(let id):
                        board.forget(id)
                        journal.forget(id)
                    case .log(let level, let words): logger.log(level: level, "\(words)")
                    case .end: hasEnded = true
                    case .endTemplates(let run): templates.end(run)
                    case .renewLeases(let tasks, let end):
                        bench.leases.note(end)
                        group.addTask { await bench.renewLeases(tasks) }
                    case .render(let run, _), .followTemplates(let run, _):
                        templates.begin(run)
                        group.addTask { if let event = await bench.perform(effect) { loop.post(event) } }
                    default:
                        group.addTask { if let event = await bench.perform(effect) { loop.post(event) } }
                    }
                },
                until: { hasEnded })
            group.cancelAll()
        }
    }
}
