import DequeModule

/// Workers that wait for an item of one queue, in crowds: those that state the same of themselves stand in one, the one
/// that came first in front.
struct ParkedClaims: Sendable {
    /// One that waits.
    struct Claim: Sendable {
        let request: UInt64
        let worker: WorkerStatement
    }

    /// Those that state the same, in the order in which they came; who has gone leaves a gap.
    private struct Crowd: Sendable {
        private var line: Deque<UInt64> = []
        private(set) var claims: [UInt64: Claim] = [:]

        var first: Claim? { line.first.flatMap { claims[$0] } }

        mutating func insert(_ claim: Claim) {
            line.append(claim.request)
            claims[claim.request] = claim
        }

        mutating func remove(_ request: UInt64) -> Claim? {
            defer { while let first = line.first, claims[first] == nil { line.removeFirst() } }
            return claims.removeValue(forKey: request)
        }
    }

    private var crowds: [[String: String]: Crowd] = [:]
    private var homes: [UInt64: [String: String]] = [:]

    init() {}

    var isEmpty: Bool { homes.isEmpty }

    /// All of them, in the order in which they came.
    var all: [Claim] { crowds.values.flatMap(\.claims.values).sorted { $0.request < $1.request } }

    /// The first whose worker meets `demand`.
    func first(meeting demand: WorkDemand) -> Claim? {
        var best: UInt64?
        var home: [String: String] = [:]
        for (attributes, crowd) in crowds {
            guard let first = crowd.first, best.map({ first.request < $0 }) ?? true, demand.isMet(by: attributes) else {
                continue
            }
            (best, home) = (first.request, attributes)
        }
        return best == nil ? nil : crowds[home]?.first
    }

    mutating func insert(_ claim: Claim) {
        crowds[claim.worker.attributes, default: Crowd()].insert(claim)
        homes[claim.request] = claim.worker.attributes
    }

    mutating func remove(_ request: UInt64) -> Claim? {
        guard let home = homes.removeValue(forKey: request) else { return nil }
        let claim = crowds[home]?.remove(request)
        if crowds[home]?.claims.isEmpty == true { crowds[home] = nil }
        return claim
    }
}
