/// Something that a worker states of itself, or a plain text.
enum WorkerAttribute: ReadAttribute {
    case text(String)
    case stated(String)

    static let hasUnits = false

    init(_ target: String) {
        self = target.referredName.map { .stated(String($0)) } ?? .text(target)
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    func value(of attributes: [String: String]) -> String? {
        switch self {
        case .text(let text): text
        case .stated(let name): attributes[name]
        }
    }
}

/// What some items ask of a worker, made ready to be asked of many.
struct WorkDemand: Sendable {
    private let checks: [ConstraintCheck<WorkerAttribute>]

    init(_ constraints: [Constraint]) { checks = constraints.map(ConstraintCheck.init) }

    /// Whether a worker that states `attributes` may have them.
    func isMet(by attributes: [String: String]) -> Bool { checks.allSatisfy { $0.holds(on: attributes) } }

    /// The first constraint that a worker that states `attributes` does not meet.
    func failure(on attributes: [String: String]) -> Constraint? {
        checks.first { !$0.holds(on: attributes) }?.constraint
    }
}
