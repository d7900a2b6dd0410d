/// Finds the few rules that a request may be about, among all of a table.
///
/// A rule that can only hold for certain hosts, or below certain paths, stands under each of them; the rest stand under
/// no host or no path. A request looks under its host and under none, at each of the paths that its own begins with.
/// Where two keys have the same hash, their rules stand together: each rule is asked wholly before it is taken.
struct RouteIndex: Sendable {
    /// A rule among those of one key.
    private struct Candidate: Sendable {
        /// Its place in the order in which rules are tried.
        var rank: Int32
        var entry: RuleProgram.Place
    }

    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var start: Int32 = 0
        /// None for a slot that is free.
        var count: Int32 = 0
    }

    /// Paths are looked at to this many segments; what is deeper stands under its first ones.
    private static let deepest = 62
    /// A rule that would stand under more keys than this stands under its hosts alone.
    private static let mostKeys = 512

    private var program = RuleProgram()
    private var candidates: [Candidate] = []
    private var slots: [Slot] = [Slot()]
    private var shift: UInt64 = 63
    /// How deep the paths are that rules of some host stand under: a bit for each depth.
    private var hostDepths: UInt64 = 0
    /// The same for rules of any host.
    private var anyDepths: UInt64 = 0

    /// Makes an index of rules in the order in which they are tried.
    init(_ rules: [RouteCondition]) {
        var lists: [UInt64: [Candidate]] = [:]
        for (rank, condition) in rules.enumerated() {
            let candidate = Candidate(rank: Int32(truncatingIfNeeded: rank), entry: program.add(condition))
            for key in keys(of: condition).sorted() { lists[key, default: []].append(candidate) }
        }
        var bits: UInt64 = 1
        while 1 << bits < lists.count * 2 { bits += 1 }
        shift = 64 - bits
        slots = Array(repeating: Slot(), count: 1 << Int(bits))
        for (hash, list) in lists.sorted(by: { $0.key < $1.key }) {
            var place = Int(hash >> shift)
            while slots[place].count > 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = Slot(
                hash: hash, start: Int32(truncatingIfNeeded: candidates.count),
                count: Int32(truncatingIfNeeded: list.count))
            candidates += list
        }
    }

    /// The first rule that holds for a request, by its place among all.
    func firstRule(for head: borrowing RequestHead) -> Int? {
        guard !candidates.isEmpty else { return nil }
        let found = HeadView.with(head) { view in
            program.run { program in
                slots.withUnsafeBufferPointer { slots in
                    candidates.withUnsafeBufferPointer { candidates in
                        var search = Search(
                            head: view, program: program, slots: slots, candidates: candidates, shift: shift)
                        search.run(hostDepths, anyDepths)
                        return search.best
                    }
                }
            }
        }
        guard let found, found != .max else { return nil }
        return Int(found)
    }

    // MARK: - Looking

    private struct Search {
        let head: HeadView
        let program: RuleProgram.Runner
        let slots: UnsafeBufferPointer<Slot>
        let candidates: UnsafeBufferPointer<Candidate>
        let shift: UInt64
        var best = Int32.max

        /// Looks at each place where a segment of the path ends, the empty path before the first one included.
        mutating func run(_ hostDepths: UInt64, _ anyDepths: UInt64) {
            let host = RouteHash(head.host)
            let depths = hostDepths | anyDepths
            var path = RouteHash()
            var depth: UInt64 = 0
            for byte in head.path {
                if byte == UInt8(ascii: "/") {
                    look(at: path, depth, host, hostDepths, anyDepths)
                    depth += 1
                    if depth > 63 || depths >> depth == 0 { return }
                }
                path.add(byte)
            }
            look(at: path, depth, host, hostDepths, anyDepths)
        }

        private mutating func look(
            at path: RouteHash, _ depth: UInt64, _ host: RouteHash, _ hostDepths: UInt64, _ anyDepths: UInt64
        ) {
            if hostDepths >> depth & 1 == 1 { look(under: host.key(with: path)) }
            if anyDepths >> depth & 1 == 1 { look(under: RouteHash.anyHost.key(with: path)) }
        }

        private mutating func look(under hash: UInt64) {
            var place = Int(hash >> shift)
            while slots[place].count > 0 {
                if slots[place].hash == hash {
                    ask(slots[place])
                    return
                }
                place = (place + 1) & (slots.count - 1)
            }
        }

        private mutating func ask(_ slot: Slot) {
            for index in Int(slot.start)..<Int(slot.start + slot.count) {
                let candidate = candidates[index]
                if candidate.rank >= best { return }
                if program.accepts(head, from: candidate.entry) {
                    best = candidate.rank
                    return
                }
            }
        }
    }

    // MARK: - Keys

    /// The keys that a rule stands under, and note of their depths.
    private mutating func keys(of condition: RouteCondition) -> Set<UInt64> {
        let hosts = Self.hosts(of: condition)
        var paths = Self.paths(of: condition)
        if let some = paths, some.count * (hosts?.count ?? 1) > Self.mostKeys { paths = nil }
        var keys: Set<UInt64> = []
        for path in paths ?? [[]] {
            let depth = UInt64(path.count { $0 == UInt8(ascii: "/") })
            if hosts == nil { anyDepths |= 1 << depth } else { hostDepths |= 1 << depth }
            let path = RouteHash(path)
            if let hosts {
                for host in hosts { keys.insert(RouteHash(host).key(with: path)) }
            } else {
                keys.insert(RouteHash.anyHost.key(with: path))
            }
        }
        return keys
    }

    /// The only hosts that a rule can hold for; `nil` when it may hold for any.
    private static func hosts(of condition: RouteCondition) -> Set<[UInt8]>? {
        only(in: condition) { if case .host(let name) = $0 { [name] } else { nil } }
    }

    /// The only paths that a rule can hold for, or below; `nil` when it may hold for any.
    private static func paths(of condition: RouteCondition) -> Set<[UInt8]>? {
        only(in: condition) { condition in
            guard case .path(let pattern) = condition else { return nil }
            var path = pattern.bytes
            if path.last == UInt8(ascii: "/") { path.removeLast() }
            let slashes = path.indices.filter { path[$0] == UInt8(ascii: "/") }
            if slashes.count > deepest { path.removeSubrange(slashes[deepest]...) }
            return path.isEmpty ? nil : [path]
        }
    }

    private static func only(
        in condition: RouteCondition, _ value: (RouteCondition) -> Set<[UInt8]>?
    ) -> Set<[UInt8]>? {
        switch condition {
        case .all(let list):
            return list.compactMap { only(in: $0, value) }.min { $0.count < $1.count }
        case .any(let list):
            var union: Set<[UInt8]> = []
            for part in list {
                guard let some = only(in: part, value) else { return nil }
                union.formUnion(some)
            }
            return union
        case .not: return nil
        default: return value(condition)
        }
    }
}

/// FNV-1a, which can go on where it stopped: a path is read once for all the paths that it begins with.
private struct RouteHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// What stands in the place of a host where a rule asks for none. No name has a space in it.
    static let anyHost = RouteHash(" ".utf8)

    init() {}

    init(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

    mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }

    /// One number for a host and a path, whose upper bits are well mixed.
    func key(with path: RouteHash) -> UInt64 {
        let mixed = (state ^ (path.state << 32 | path.state >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
    }
}
