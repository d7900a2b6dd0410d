import HeapModule

/// Names a group that waits: two evaluations of one job may wait for a moment.
struct Waiter: Hashable, Sendable {
    let evaluation: EvaluationID
    let group: String
}

/// A group that waits for room.
struct WaitingEntry: Sendable {
    let waiter: Waiter
    let job: JobID
    let rank: QueueRank
    /// How many instances wait.
    var count: Int
    /// When it began to wait.
    let since: WallTime
    /// Whether amounts are what it lacks, rather than a port or a device.
    var lacksAmounts: Bool
    /// Whether it has waited long enough for a node to be kept for it.
    var isRipe = false
    /// Where it stands.
    let address: WaitingLine.Address
    /// Tells it from what stood under the same name before.
    let serial: UInt64
    /// The serial under which it began to wait; `nil` for that one. Whoever asks for more waits on as what it was.
    var firstSerial: UInt64?

    /// The same for as long as it waits.
    var standing: UInt64 { firstSerial ?? serial }
}

/// Groups with one demand, in the order of their ranks. Only the first matters to a node.
struct WaitingLine: Sendable {
    /// The hall and the line in it.
    struct Address: Hashable, Sendable {
        let hall: Int
        let line: Int
    }

    struct Ticket: Comparable, Sendable {
        let rank: QueueRank
        let waiter: Waiter
        let serial: UInt64

        static func < (left: Ticket, right: Ticket) -> Bool {
            (left.rank, left.serial) < (right.rank, right.serial)
        }
    }

    let demand: Demand
    /// Tickets of those who left stay until they come up.
    private var tickets = Heap<Ticket>()
    /// How many wait.
    private(set) var count = 0
    /// How many of them have waited long enough for a node to be kept for the first.
    private(set) var ripe = 0
    /// Whether the first was refused in this round, and with it all.
    var isAside = false
    /// Whether no node could take it, whatever ended there.
    var isHopeless = false

    init(_ demand: Demand) { self.demand = demand }

    mutating func add(_ entry: WaitingEntry) {
        count += 1
        if entry.isRipe { ripe += 1 }
        tickets.insert(Ticket(rank: entry.rank, waiter: entry.waiter, serial: entry.serial))
    }

    /// One of those who stand here has waited long enough.
    mutating func ripen() { ripe += 1 }

    /// One of them left; `isThere` tells who did not.
    mutating func remove(_ entry: WaitingEntry, _ isThere: (Ticket) -> Bool) {
        count -= 1
        if entry.isRipe { ripe -= 1 }
        guard tickets.count > 2 * count + 16 else { return }
        tickets = Heap(tickets.unordered.filter(isThere))
    }

    mutating func first(_ isThere: (Ticket) -> Bool) -> Ticket? {
        while let ticket = tickets.min {
            if isThere(ticket) { return ticket }
            tickets.removeMin()
        }
        return nil
    }
}

/// The lines whose work the same nodes admit, so that a node's rules are asked once for all of them.
struct WaitingHall: Sendable {
    let admission: Demand.Admission
    let filter: NodeFilter
    var lines: [WaitingLine?] = []
    var tree = DemandTree()
    /// The lines that are there, by what is asked for in them.
    private var numbers: [Demand: Int] = [:]
    private var free: [Int] = []

    init(_ admission: Demand.Admission, _ filter: NodeFilter) {
        self.admission = admission
        self.filter = filter
    }

    var isEmpty: Bool { numbers.isEmpty }

    /// The number of the line of `demand`, which begins when there is none.
    mutating func line(of demand: Demand) -> Int {
        if let known = numbers[demand] { return known }
        let number = free.popLast() ?? lines.count
        if number == lines.count { lines.append(nil) }
        lines[number] = WaitingLine(demand)
        numbers[demand] = number
        return number
    }

    mutating func close(_ number: Int) {
        guard let line = lines[number] else { return }
        numbers[line.demand] = nil
        lines[number] = nil
        free.append(number)
    }
}
