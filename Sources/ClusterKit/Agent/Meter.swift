import Logging

/// Measures the tasks of an agent, its machine and the disk that allocations take, and hands the figures to a server.
///
/// It only looks: whatever goes wrong here, tasks do not notice. Figures that could not be handed over are not kept;
/// the next ones are as good.
struct Meter: Sendable {
    private let link: any SampleLink
    private let drivers: [String: any TaskMeasuring]
    private let node: Node
    private let dataFolder: String
    private let interval: Duration
    private let board: MeterBoard
    private let survey: DiskSurvey
    private let time: any TimeSource
    private let logger: Logger

    /// How many samples go into one call.
    private static let batch = 5_000

    /// `nil` when nobody would take the figures, or none are wanted.
    init?(
        link: any AgentLink, drivers: [any TaskDriver], node: Node, configuration: AgentConfiguration,
        board: MeterBoard, folders: AllocationFolders, time: any TimeSource, logger: Logger
    ) {
        guard let link = link as? any SampleLink, configuration.measureInterval > .zero else { return nil }
        self.link = link
        self.drivers = Dictionary(
            drivers.compactMap { $0 as? any TaskMeasuring }.map { ($0.name, $0) }
        ) { first, _ in first }
        self.node = node
        dataFolder = configuration.dataFolder
        interval = max(.seconds(1), configuration.measureInterval)
        self.board = board
        survey = DiskSurvey(root: folders.root, time: time)
        self.time = time
        self.logger = logger
    }

    /// Measures until it is canceled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await survey.run(every: interval) { board.current.map(\.id) } }
            group.addTask { await measure() }
        }
    }

    private func measure() async {
        var round = Round()
        while !Task.isCancelled {
            let began = time.now().uptime
            let samples = await samples(after: &round)
            await send(samples)
            let rest = interval - (time.now().uptime - began)
            guard (try? await Task.sleep(for: max(.milliseconds(100), rest))) != nil else { return }
        }
    }

    /// What the next round compares with.
    struct Round {
        var host: HostFigures?
        var looks: [TaskHandle: MeterTaskFigures.Look] = [:]
    }

    /// Looks at everything once.
    func samples(after round: inout Round) async -> [Sample] {
        let figures = MeterTaskFigures(host: node.name, coreMHz: coreMHz)
        let host = HostFigures.now(dataFolder: dataFolder, disk: node.attributes["unique.storage.volume"] ?? "")
        var samples = host.samples(since: round.host, labels: Metric.hostValues(of: node))
        round.host = host
        let places = board.current
        let looks = await looks(at: places.flatMap(\.place.tasks))
        for (id, place) in places {
            for entry in place.tasks {
                guard let look = looks[entry.handle] else { continue }
                samples += figures.samples(of: entry, look, since: round.looks[entry.handle])
            }
            let found = survey.finding(id)
            if let found { board.note(disk: found.bytes, of: id) }
            samples += figures.samples(of: id, place, found, at: time.now().uptime)
        }
        samples += board.memoryKills.map { figures.sample(of: $0.name, memoryKills: $0.count) }
        round.looks = looks
        return samples
    }

    /// What a core is worth, by which processor time is told in MHz.
    private var coreMHz: Int {
        node.attributes["cpu.frequency"].flatMap { Int($0) } ?? node.capacity.cpuMHz / max(1, node.cores)
    }

    /// Asks drivers about all tasks, a few at a time: some ask a daemon, which takes its time.
    private func looks(at entries: [MeterBoard.Entry]) async -> [TaskHandle: MeterTaskFigures.Look] {
        await withTaskGroup(of: (TaskHandle, MeterTaskFigures.Look)?.self) { group in
            var looks: [TaskHandle: MeterTaskFigures.Look] = [:]
            for (place, entry) in entries.enumerated() {
                if place >= 8, let finished = await group.next(), let (handle, look) = finished {
                    looks[handle] = look
                }
                group.addTask { await look(at: entry.handle) }
            }
            for await case (let handle, let look)? in group { looks[handle] = look }
            return looks
        }
    }

    private func look(at handle: TaskHandle) async -> (TaskHandle, MeterTaskFigures.Look)? {
        do {
            guard let usage = try await drivers[handle.driver]?.usage(of: handle) else { return nil }
            return (handle, MeterTaskFigures.Look(usage: usage, at: time.now().uptime))
        } catch {
            logger.debug("task \(handle.task) of allocation \(handle.allocation.short) cannot be measured: \(error)")
            return nil
        }
    }

    private func send(_ samples: [Sample]) async {
        var rest = samples[...]
        while !rest.isEmpty {
            do {
                try await link.record(Array(rest.prefix(Self.batch)), from: node.id)
            } catch {
                return logger.debug("figures were lost: \(error)")
            }
            rest = rest.dropFirst(Self.batch)
        }
    }
}
