/// The newest of every series, by metric and labels: a value.
struct SeriesTable: Sendable {
    /// One series, to be shown.
    struct Series: Sendable {
        var labels: [String]
        /// What stands in front of its number in the text format: `name{a="b"}` and a space.
        var head: [UInt8]
        var value: Double
        /// The observations by limit, not added up; empty unless it is a histogram.
        var counts: [UInt64]
    }

    /// What changes of a series. It refers to nothing, so that a shared table costs whoever records next no more than
    /// a copy of plain memory.
    struct Numbers: Sendable {
        var value: Double
        var heardAt: Uptime
        /// Whether the numbers were added up here, so that nobody could state them again.
        var isAddedUp = false
    }

    /// The series of one name that have the same labels.
    struct Shape: Sendable {
        let metric: Metric
        private var names: [(labels: [String], head: [UInt8])] = []
        private var numbers: [Numbers] = []
        /// The observations of all series, one after the other; empty unless it is a histogram.
        private var counts: [UInt64] = []
        private(set) var index: [[String]: Int] = [:]

        init(_ metric: Metric) { self.metric = metric }
    }

    /// All series of one name. They are of one kind; programs that count with swift-metrics may use several sets of
    /// labels.
    struct Family: Sendable {
        var shapes: [Shape]
        var metric: Metric { shapes[0].metric }
    }

    private(set) var families: [String: Family] = [:]
    private(set) var count = 0
    private var dropped: [Metric.DropReason: UInt64] = [:]
    private var lastSweep = Uptime(nanoseconds: .min)
    private let limit: Int
    private let staleAfter: Duration
    private let idleAfter: Duration

    init(limit: Int, staleAfter: Duration, idleAfter: Duration) {
        self.limit = limit
        self.staleAfter = staleAfter
        self.idleAfter = idleAfter
    }

    /// What this table says of itself.
    var selfReport: [Sample] {
        [Sample(.keptSeries, [], .value(Double(count)))]
            + Metric.DropReason.allCases.map {
                Sample(.droppedSamples, [$0.rawValue], .total(Double(dropped[$0, default: 0])))
            }
    }

    /// Every series as a measurement, in the order of the names.
    var samples: [Sample] {
        families.sorted { $0.key < $1.key }.flatMap { _, family in
            family.shapes.flatMap { shape in
                shape.series.map { Sample(shape.metric, $0.labels, $0.reading(of: shape.metric.kind)) }
            }
        }
    }

    mutating func record(_ samples: [Sample], at now: Uptime) {
        for sample in samples {
            if let reason = record(sample, at: now) { dropped[reason, default: 0] += 1 }
        }
    }

    /// Takes one measurement, or says why not.
    private mutating func record(_ sample: Sample, at now: Uptime) -> Metric.DropReason? {
        let metric = sample.metric
        // What was dropped elsewhere stands with what was dropped here.
        if metric.name == Metric.droppedSamples.name { return countDrops(sample) }
        guard sample.isWellFormed else { return .malformed }
        let isFull = count >= limit && !makeRoom(at: now)
        if families[metric.name] == nil {
            guard metric.isWellFormed else { return .malformed }
            guard !isFull else { return .limit }
            families[metric.name] = Family(shapes: [Shape(metric)])
        }
        // Changed where it lies: taking a family out and putting it back would copy all its series.
        switch families[metric.name]?.take(sample, at: now, mayAdd: !isFull) {
        case .added:
            count += 1
            return nil
        case .changed, nil: return nil
        case .refused(let reason): return reason
        }
    }

    private mutating func countDrops(_ sample: Sample) -> Metric.DropReason? {
        guard let reason = sample.labels.first.flatMap(Metric.DropReason.init), sample.labels.count == 1 else {
            return .malformed
        }
        if case .increment(let number) = sample.reading, let whole = UInt64(exactly: number) {
            dropped[reason, default: 0] += min(whole, 1 << 32)
            return nil
        }
        return addDropsAsSeries(sample)
    }

    /// A total is this table's own report about another: shown like any other series.
    private mutating func addDropsAsSeries(_ sample: Sample) -> Metric.DropReason? {
        guard case .total = sample.reading else { return .malformed }
        let outcome = families[sample.metric.name, default: Family(shapes: [Shape(.droppedSamples)])]
            .take(sample, at: Uptime(nanoseconds: 0), mayAdd: true)
        if outcome == .added { count += 1 }
        return nil
    }

    /// Forgets what is stale when the table is full, though not again and again.
    private mutating func makeRoom(at now: Uptime) -> Bool {
        guard now >= lastSweep + .seconds(1) else { return false }
        forgetSilent(at: now)
        return count < limit
    }

    /// Forgets the series that nobody has recorded for long enough.
    mutating func forgetSilent(at now: Uptime) {
        lastSweep = now
        for name in Array(families.keys) {
            let gone = families[name]?.forget { numbers in
                now - numbers.heardAt > (numbers.isAddedUp ? idleAfter : staleAfter)
            }
            count -= gone ?? 0
            if families[name]?.shapes.isEmpty == true { families[name] = nil }
        }
    }
}

extension SeriesTable {
    /// What became of a measurement.
    enum Outcome: Equatable {
        case added, changed
        case refused(Metric.DropReason)
    }
}

extension SeriesTable.Family {
    mutating func take(_ sample: Sample, at now: Uptime, mayAdd: Bool) -> SeriesTable.Outcome {
        guard sample.metric.kind == metric.kind, sample.metric.limits == metric.limits else {
            return .refused(.malformed)
        }
        if let place = shapes.firstIndex(where: { $0.metric.labels == sample.metric.labels }) {
            return shapes[place].take(sample, at: now, mayAdd: mayAdd)
        }
        guard sample.metric.isWellFormed else { return .refused(.malformed) }
        guard mayAdd else { return .refused(.limit) }
        shapes.append(SeriesTable.Shape(sample.metric))
        return shapes[shapes.count - 1].take(sample, at: now, mayAdd: true)
    }

    mutating func forget(_ isSilent: (SeriesTable.Numbers) -> Bool) -> Int {
        var gone = 0
        for place in shapes.indices { gone += shapes[place].forget(isSilent) }
        if gone > 0 { shapes.removeAll(where: \.isEmpty) }
        return gone
    }
}

extension SeriesTable.Shape {
    /// How many counts a series has.
    private var width: Int { metric.kind == .histogram ? metric.limits.count + 1 : 0 }

    var isEmpty: Bool { names.isEmpty }

    /// All of them, in the order in which they came.
    var series: some Sequence<SeriesTable.Series> {
        names.indices.lazy.map { place in
            SeriesTable.Series(
                labels: names[place].labels, head: names[place].head, value: numbers[place].value,
                counts: Array(counts[place * width..<(place + 1) * width]))
        }
    }

    mutating func take(_ sample: Sample, at now: Uptime, mayAdd: Bool) -> SeriesTable.Outcome {
        if let place = index[sample.labels] {
            take(sample.reading, at: now, into: place)
            return .changed
        }
        guard mayAdd else { return .refused(.limit) }
        index[sample.labels] = names.count
        names.append((sample.labels, PrometheusText.head(of: metric, sample.labels)))
        numbers.append(SeriesTable.Numbers(value: 0, heardAt: now))
        counts += Array(repeating: 0, count: width)
        take(sample.reading, at: now, into: names.count - 1)
        return .added
    }

    private mutating func take(_ reading: Sample.Reading, at now: Uptime, into place: Int) {
        numbers[place].heardAt = now
        switch reading {
        case .value(let number), .total(let number): numbers[place].value = number
        case .increment(let growth):
            numbers[place].value += growth
            numbers[place].isAddedUp = true
        case .observations(let new, let sum):
            for limit in 0..<width {
                let (total, overflow) = counts[place * width + limit].addingReportingOverflow(new[limit])
                counts[place * width + limit] = overflow ? .max : total
            }
            numbers[place].value += sum
            numbers[place].isAddedUp = true
        }
    }

    mutating func forget(_ isSilent: (SeriesTable.Numbers) -> Bool) -> Int {
        let kept = numbers.indices.filter { !isSilent(numbers[$0]) }
        let gone = numbers.count - kept.count
        guard gone > 0 else { return 0 }
        counts = kept.flatMap { counts[$0 * width..<($0 + 1) * width] }
        numbers = kept.map { numbers[$0] }
        names = kept.map { names[$0] }
        index = [:]
        for (place, name) in names.enumerated() { index[name.labels] = place }
        return gone
    }
}

extension SeriesTable.Series {
    func reading(of kind: Metric.Kind) -> Sample.Reading {
        switch kind {
        case .gauge: .value(value)
        case .counter: .total(value)
        case .histogram: .observations(counts: counts, sum: value)
        }
    }
}
