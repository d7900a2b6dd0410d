/// Finds constraints that no node can meet together, as far as that shows without looking at nodes: by what is asked of
/// one attribute, and by where the job may run. What it refuses no value whatever could meet.
struct ConstraintClash {
    private struct Demand {
        let constraint: Constraint
        let path: JobPath
        /// `nil` where nothing can be told of it: only a node knows what is compared with, or that is a mistake by
        /// itself.
        var comparison: Comparison?

        func excludes(_ other: Demand) -> Bool {
            guard let comparison, let other = other.comparison else { return false }
            return comparison.excludes(other)
        }
    }

    /// Longer values are not looked at, nor more bounds of one attribute: a job from a stranger may hold a million.
    private static let longestValue = 1024
    private static let mostBounds = 16

    private let hasUnits: Bool
    private var targets: [String: Target] = [:]
    private var places: [String: Place] = [:]

    /// Values of devices, and nothing else, have units.
    init(hasUnits: Bool = false) { self.hasUnits = hasUnits }

    /// Takes the datacenters of which a node must be in one.
    mutating func take(datacenters names: [String], at path: JobPath, into found: inout MistakeCollector) {
        take(Place(names: names, path: path, matches: Glob.matches), of: "${node.datacenter}", into: &found)
    }

    /// Takes the pools of which a node must be in one, instead of those that were taken before.
    mutating func take(pools names: [String], at path: JobPath, into found: inout MistakeCollector) {
        let place = Place(names: names, path: path) { name, value in name == "all" || name == value }
        take(place, of: "${node.pool}", into: &found)
    }

    private mutating func take(_ place: Place, of attribute: String, into found: inout MistakeCollector) {
        places[attribute] = place
        guard let known = targets[attribute]?.value, place.rejects(known) else { return }
        let value = known.constraint.value.quotedForDisplay
        found.add(
            place.path,
            "no node can meet it together with \(Self.shown(known, beside: place.path)); name \(value) here or remove "
                + "the constraint")
    }

    /// Takes what holds at the same time as all that was taken before; the later of two that clash is the mistake.
    mutating func take(_ constraints: [Constraint], in path: JobPath, into found: inout MistakeCollector) {
        for (index, constraint) in constraints.prefix(JobLimits.blocks).enumerated() {
            // A plain text stands for itself: it is the same on every node.
            guard constraint.attribute.referredName != nil else { continue }
            let path = path.block("constraint", index: index)
            var demand = Demand(constraint: constraint, path: path, comparison: comparison(of: constraint))
            if demand.comparison?.asksForNoVersion == true {
                found.add(
                    path.attribute("value"),
                    "no version is within \(constraint.value.quotedForDisplay); correct the bounds")
                demand.comparison = nil
            }
            let isFirstValue = targets[constraint.attribute]?.value == nil
            if let other = targets[constraint.attribute, default: Target()].take(demand) {
                let shown = Self.shown(other, beside: path)
                found.add(path, "no node can meet it together with \(shown); remove one of them")
            } else if isFirstValue, let place = places[constraint.attribute], place.rejects(demand) {
                let value = constraint.value.quotedForDisplay
                found.add(
                    path, "no node can meet it together with \(place); name \(value) there or remove the constraint")
            }
        }
    }

    private func comparison(of constraint: Constraint) -> Comparison? {
        switch constraint.comparison {
        case .isSet, .isNotSet, .distinctHosts, .distinctProperty: return nil
        default: break
        }
        let value = constraint.value
        guard !value.isEmpty, !value.contains("${"), value.utf8.count <= Self.longestValue else { return nil }
        let comparison = Comparison(constraint.comparison, value, units: hasUnits)
        return comparison.isReadable ? comparison : nil
    }

    private static func shown(_ demand: Demand, beside path: JobPath) -> String {
        let owner = demand.path.steps.count == 1 && path.steps.first?.block == "group" ? "the job's " : ""
        return "\(owner)\(demand.path), \(demand.constraint)"
    }
}

extension ConstraintClash {
    /// All that is asked of one attribute.
    private struct Target {
        /// The first that asks for one value.
        private(set) var value: Demand?
        private var present: Demand?
        private var absent: Demand?
        /// All that compare the value with a text, and the first of them that bound it.
        private var compared: [Demand] = []
        private var bounds: [Demand] = []

        /// Gives the demand that `demand` contradicts.
        mutating func take(_ demand: Demand) -> Demand? {
            switch demand.constraint.comparison {
            case .distinctHosts: return nil
            case .isNotSet:
                absent = absent ?? demand
                return present
            case .notEqual: break
            default:
                present = present ?? demand
                if let absent { return absent }
            }
            if demand.comparison == nil { return nil }
            defer { keep(demand) }
            if let value, value.excludes(demand) { return value }
            guard value == nil, demand.constraint.comparison == .equal else {
                return bounds.first { $0.excludes(demand) }
            }
            value = demand
            return compared.first { $0.excludes(demand) }
        }

        private mutating func keep(_ demand: Demand) {
            compared.append(demand)
            switch demand.constraint.comparison {
            case .greater, .greaterOrEqual, .less, .lessOrEqual, .version, .semver:
                if bounds.count < ConstraintClash.mostBounds { bounds.append(demand) }
            default: break
            }
        }
    }

    /// Where nodes must be: names in the job, of which the node's has to match one.
    private struct Place: CustomStringConvertible {
        private static let mostShown = 8

        let names: [String]
        let path: JobPath
        let matches: (_ name: String, _ value: String) -> Bool

        /// Whether no node that is there has the value which `demand` asks for.
        func rejects(_ demand: Demand) -> Bool {
            let constraint = demand.constraint
            guard demand.comparison != nil, constraint.comparison == .equal, constraint.value.hasOneSpelling else {
                return false
            }
            return !names.contains { matches($0, constraint.value) }
        }

        var description: String {
            let shown = names.prefix(Self.mostShown).map(\.quotedForDisplay).joined(separator: ", ")
            let rest = names.count - Self.mostShown
            return "\(path), \(shown)" + (rest > 0 ? " and \(rest) more" : "")
        }
    }
}
