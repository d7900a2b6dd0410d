/// What requests are told apart by in the figures.
struct FigureKey: Hashable, Sendable {
    /// Empty for requests that take no route.
    var service: String
    var method: RequestMethod
    var status: Int
    var isUpgrade: Bool
}

/// What was counted of requests that are alike.
struct Figure: Sendable {
    /// The upper limits of the durations, in seconds.
    static let limits = [0.1, 0.3, 1.2, 5]

    var count: UInt64 = 0
    var durations: [UInt64] = [0, 0, 0, 0, 0]
    var seconds = 0.0
    var received: UInt64 = 0
    var sent: UInt64 = 0

    static func += (left: inout Figure, right: Figure) {
        left.count += right.count
        for index in left.durations.indices { left.durations[index] += right.durations[index] }
        left.seconds += right.seconds
        left.received += right.received
        left.sent += right.sent
    }
}

/// The requests in flight that are alike.
struct OpenKey: Hashable, Sendable {
    var service: String
    var method: RequestMethod
    var isUpgrade: Bool
}

/// What one event loop has counted since it was last asked.
struct LoopFigures: Sendable {
    var figures: [FigureKey: Figure] = [:]
    var retries: [String: UInt64] = [:]
    /// How many are in flight now.
    var open: [OpenKey: Int] = [:]

    static func += (left: inout LoopFigures, right: LoopFigures) {
        for (key, figure) in right.figures { left.figures[key, default: Figure()] += figure }
        for (key, count) in right.retries { left.retries[key, default: 0] += count }
        for (key, count) in right.open { left.open[key, default: 0] += count }
    }
}

/// The counters of one service on one event loop: plain memory that no other thread touches.
final class ServiceCounters {
    var retries: UInt64 = 0
    private var places: [UInt32: Int] = [:]
    private var figures: [(code: UInt32, figure: Figure)] = []
    /// Requests are mostly like the one before.
    private var last: (code: UInt32, place: Int) = (.max, 0)
    private var open = [Int](repeating: 0, count: RequestMethod.allCases.count * 2)
    private var hasOpened = [Bool](repeating: false, count: RequestMethod.allCases.count * 2)

    func open(_ method: RequestMethod, upgrade: Bool) {
        let place = Int(method.rawValue) * 2 + (upgrade ? 1 : 0)
        open[place] += 1
        hasOpened[place] = true
    }

    func close(_ method: RequestMethod, upgrade: Bool) { open[Int(method.rawValue) * 2 + (upgrade ? 1 : 0)] -= 1 }

    var isIdle: Bool { open.allSatisfy { $0 == 0 } }

    func record(
        _ method: RequestMethod, status: Int, seconds: Double, received: UInt64, sent: UInt64, upgrade: Bool
    ) {
        let code = UInt32(truncatingIfNeeded: status) << 8 | UInt32(method.rawValue) << 1 | (upgrade ? 1 : 0)
        if last.code != code { last = (code, place(of: code)) }
        figures[last.place].figure.count += 1
        var bucket = 0
        while bucket < 4, seconds > Self.limit(bucket) { bucket += 1 }
        figures[last.place].figure.durations[bucket] += 1
        figures[last.place].figure.seconds += seconds
        figures[last.place].figure.received += received
        figures[last.place].figure.sent += sent
    }

    private static func limit(_ bucket: Int) -> Double {
        switch bucket {
        case 0: 0.1
        case 1: 0.3
        case 2: 1.2
        default: 5
        }
    }

    private func place(of code: UInt32) -> Int {
        if let place = places[code] { return place }
        places[code] = figures.count
        figures.append((code, Figure()))
        return figures.count - 1
    }

    /// Adds what was counted since the last time to `total`.
    func take(as service: String, into total: inout LoopFigures) {
        for index in figures.indices where figures[index].figure.count > 0 {
            let code = figures[index].code
            let key = FigureKey(
                service: service, method: RequestMethod(rawValue: UInt8(code >> 1 & 0x7F)) ?? .other,
                status: Int(code >> 8), isUpgrade: code & 1 == 1)
            total.figures[key, default: Figure()] += figures[index].figure
            figures[index].figure = Figure()
        }
        if retries > 0 { total.retries[service, default: 0] += retries }
        retries = 0
        for method in RequestMethod.allCases {
            for upgrade in 0...1 where hasOpened[Int(method.rawValue) * 2 + upgrade] {
                let key = OpenKey(service: service, method: method, isUpgrade: upgrade == 1)
                total.open[key, default: 0] += open[Int(method.rawValue) * 2 + upgrade]
            }
        }
    }
}

/// The counters of one event loop.
final class LoopCounters {
    /// Requests that no route took.
    let unrouted = ServiceCounters()
    private let all = ServiceCounters()
    private var services: [String: ServiceCounters] = [:]
    /// The services that a route of the present table names.
    private var named: Set<String> = []

    /// Names the services of a new table. The counters of others go when nothing of theirs is in flight.
    func serve(_ services: Set<String>) { named = services }

    func service(_ name: String) -> ServiceCounters {
        if let known = services[name] { return known }
        let made = ServiceCounters()
        services[name] = made
        return made
    }

    func open(_ method: RequestMethod, upgrade: Bool) { all.open(method, upgrade: upgrade) }
    func close(_ method: RequestMethod, upgrade: Bool) { all.close(method, upgrade: upgrade) }

    /// What was counted since the last time. In-flight requests stand under the empty name for all services together.
    func take() -> LoopFigures {
        var total = LoopFigures()
        unrouted.take(as: "", into: &total)
        all.take(as: "", into: &total)
        for (name, counters) in services { counters.take(as: name, into: &total) }
        // What was just taken was their last: names come and go with branches and builds, and must not pile up.
        services = services.filter { named.contains($0.key) || !$0.value.isIdle }
        return total
    }
}
