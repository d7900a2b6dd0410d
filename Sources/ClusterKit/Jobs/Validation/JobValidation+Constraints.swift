import Patterns

extension JobValidation {
    /// What a comparison is about: it decides which operators and attributes mean something there.
    enum ComparisonPlace {
        /// All instances of a job or group.
        case instances
        /// The node of one task.
        case task
        /// The devices that a task asks for.
        case device
        /// The workers that take an item of a queue.
        case worker
    }

    static func checkConstraints(
        _ constraints: [Constraint], in path: JobPath, of place: ComparisonPlace, into found: inout MistakeCollector
    ) {
        found.limit(constraints.count, path, "constraints")
        for (index, constraint) in constraints.prefix(JobLimits.blocks).enumerated() {
            check(constraint, of: place, path.block("constraint", index: index), into: &found)
        }
    }

    static func checkAffinities(
        _ affinities: [Affinity], of kind: JobKind, in path: JobPath, about place: ComparisonPlace,
        into found: inout MistakeCollector
    ) {
        found.limit(affinities.count, path, "affinities")
        for (index, affinity) in affinities.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("affinity", index: index)
            if kind.runsEverywhere, place != .device {
                found.add(path, "\(kind.rawValue) jobs run on every node that passes; remove the block")
                continue
            }
            found.number(affinity.weight, in: -100...100, path.attribute("weight"))
            found.require(
                affinity.weight != 0, path.attribute("weight"),
                "must not be 0, which wishes for nothing; remove the block")
            if affinity.comparison == .distinctHosts || affinity.comparison == .distinctProperty {
                let word = affinity.comparison.rawValue
                found.add(path, "\(word) cannot be wished for; use a constraint, or a spread")
            } else {
                check(affinity.condition, of: place, path, into: &found)
            }
        }
    }

    private static func check(
        _ constraint: Constraint, of place: ComparisonPlace, _ path: JobPath, into found: inout MistakeCollector
    ) {
        let word = constraint.comparison.rawValue
        let example = "an attribute to look at, \(example(of: place).quotedForDisplay) for example"
        switch constraint.comparison {
        case .distinctHosts, .distinctProperty:
            found.require(
                place == .instances, path,
                "\(word) compares instances and belongs to a job or group; move it out of the \(place)")
            checkDistinct(constraint, path, into: &found)
        case .isSet, .isNotSet:
            found.require(!constraint.attribute.isEmpty, path, "\(word) needs \(example)")
        default:
            found.require(!constraint.attribute.isEmpty, path, "needs \(example)")
            found.require(!constraint.value.isEmpty, path, "the operator \(word) needs a value to compare with")
            checkValue(constraint, path.attribute("value"), into: &found)
        }
        checkReferences(of: constraint, to: place, path, into: &found)
    }

    private static func example(of place: ComparisonPlace) -> String {
        switch place {
        case .instances, .task: "${attr.kernel.name}"
        case .device: "${device.attr.memory}"
        case .worker: "${os}"
        }
    }

    private static func checkDistinct(_ constraint: Constraint, _ path: JobPath, into found: inout MistakeCollector) {
        let value = path.attribute("value")
        guard constraint.comparison == .distinctProperty else {
            return found.word(constraint.value, among: ["", "true", "false"], value)
        }
        found.require(
            !constraint.attribute.isEmpty, path.attribute("attribute"),
            "distinct_property needs an attribute to look at, \"${meta.rack}\" for example")
        guard !constraint.value.isEmpty else { return }
        if let count = Int(constraint.value) {
            found.number(count, in: 1...JobLimits.count, value)
        } else {
            found.add(
                value,
                "must be how many instances may share one value of the attribute, a whole number from 1; is "
                    + constraint.value.quotedForDisplay)
        }
    }

    /// What devices are is known where they are asked for, and nothing else is known there.
    private static func checkReferences(
        of constraint: Constraint, to place: ComparisonPlace, _ path: JobPath, into found: inout MistakeCollector
    ) {
        let isAboutDevice = constraint.attribute.hasPrefix("${device.")
        if place == .device {
            let known = "${device.attr.NAME}, ${device.vendor}, ${device.type} and ${device.model}"
            found.require(
                isAboutDevice || constraint.attribute.isEmpty, path.attribute("attribute"),
                "devices are told apart by \(known); move what is about the node to the task")
            for (side, text) in [("attribute", constraint.attribute), ("value", constraint.value)] {
                guard let name = text.referredName, isAboutDevice || side == "value" else { continue }
                found.require(isOfDevice(name), path.attribute(side), "no device has \(text); devices have \(known)")
            }
        } else {
            if place != .worker, let mistake = mistake(inReferenceOf: constraint) {
                found.add(path.attribute("attribute"), mistake)
            }
            found.require(
                !isAboutDevice, path.attribute("attribute"),
                "\(constraint.attribute) is known within a \"device\" block only; move it into that of the task")
        }
    }

    private static func isOfDevice(_ name: Substring) -> Bool {
        let (attribute, names) = ("device.attr.", ["device.vendor", "device.type", "device.model"])
        return names.contains(String(name)) || name.hasPrefix(attribute) && name.count > attribute.count
    }

    /// What nodes can be asked for, and what begins a name of their own.
    private static let nodeReferences = ["unique.id", "unique.name", "datacenter", "class", "pool"].map { "node.\($0)" }
    private static let nodeWords = ["attr.", "meta.", "unique."]

    /// Why no node has what is referred to. `nil` where one may, and for what holds without it, as in Nomad: that it is
    /// not there, or differs. A plain text stands for itself.
    private static func mistake(inReferenceOf constraint: Constraint) -> String? {
        guard constraint.comparison != .notEqual else { return nil }
        let text = constraint.attribute
        guard let name = text.referredName else {
            let isMeant = nodeReferences.contains(text) || nodeWords.contains(where: text.hasPrefix)
            return isMeant ? "stands for itself as it is written; to ask the node write ${\(text)}" : nil
        }
        guard constraint.comparison != .isNotSet else { return nil }
        // What is about devices has a rule of its own.
        guard !nodeReferences.contains(String(name)), !(nodeWords + ["device."]).contains(where: name.hasPrefix) else {
            return nil
        }
        return "no node has \(text); nodes have \(knownOfNodes)"
    }

    private static var knownOfNodes: String {
        (nodeReferences + ["attr.NAME", "meta.NAME"]).map { "${\($0)}" }.joined(separator: ", ")
    }

    /// Why what a spread looks at tells no places apart: all nodes have it, or none.
    static func mistake(inSpreadOver attribute: String) -> String? {
        if attribute.hasPrefix("${device.") {
            return "\(attribute) is known within a \"device\" block only; nodes have \(knownOfNodes)"
        }
        if let mistake = mistake(inReferenceOf: Constraint(attribute, .isSet)) { return mistake }
        guard attribute.referredName == nil else { return nil }
        return "is the same on every node as it is written; name what tells nodes apart, \"${meta.rack}\" for example"
    }

    /// What can be told of a value before a node is looked at; what is interpolated, only the node knows.
    private static func checkValue(_ constraint: Constraint, _ path: JobPath, into found: inout MistakeCollector) {
        let value = constraint.value
        guard !value.isEmpty, !value.contains("${") else { return }
        switch constraint.comparison {
        case .regexp:
            do throws(PatternError) {
                _ = try Pattern(value)
            } catch {
                found.add(path, "\(error)")
            }
        case .version:
            found.require(
                VersionBounds(value) != nil, path,
                "must be bounds between commas such as \">= 1.2, < 2\" or \"~> 1.4\"; is \(value.quotedForDisplay)")
        case .semver:
            found.require(
                VersionBounds(semantic: value) != nil, path,
                "must be bounds between commas such as \">= 1.2, < 2.0.0-rc.1\", without ~>; is "
                    + value.quotedForDisplay)
        default: break
        }
    }
}

extension JobValidation.ComparisonPlace: CustomStringConvertible {
    var description: String {
        switch self {
        case .instances: "group"
        case .task: "task"
        case .device: "device"
        case .worker: "item"
        }
    }
}
