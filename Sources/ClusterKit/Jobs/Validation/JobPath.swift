/// Where in a job something stands, in the words of a job file: `group "web" > task "srv" > resources.memory`.
public struct JobPath: Hashable, Sendable {
    /// One block on the way.
    public struct Step: Hashable, Sendable {
        /// The block's type: `group`, `task`, `resources`.
        public var block: String
        /// The block's label; empty when it has none.
        public var label: String
        /// The place among blocks of the same type, from 0; `nil` for blocks that stand once or that labels tell apart.
        public var index: Int?

        /// A place decides alone: two groups of one name are two groups, and a service's name is not its label.
        public static func == (left: Self, right: Self) -> Bool {
            left.block == right.block && left.index == right.index && (left.index != nil || left.label == right.label)
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(block)
            hasher.combine(index)
            if index == nil { hasher.combine(label) }
        }
    }

    /// The blocks, outermost first; the job itself is not among them.
    public private(set) var steps: [Step] = []
    /// The attribute in the last block; `nil` when the block as a whole is meant.
    public private(set) var attribute: String?

    /// The job itself.
    public init() {}

    /// The path of a block within this one.
    public func block(_ block: String, _ label: String = "", index: Int? = nil) -> JobPath {
        var path = JobPath()
        path.steps = steps + [Step(block: block, label: label, index: index)]
        return path
    }

    /// The path of an attribute of this block.
    public func attribute(_ name: String) -> JobPath {
        var path = self
        path.attribute = name
        return path
    }

    /// The block around: an attribute's block, a block's outer block; `nil` for the job itself.
    public var parent: JobPath? {
        var path = self
        if attribute != nil {
            path.attribute = nil
            return path
        }
        return path.steps.popLast() == nil ? nil : path
    }
}

extension JobPath: CustomStringConvertible {
    /// As messages show it; the job itself is `job`.
    public var description: String {
        let blocks = steps.map { step in
            if !step.label.isEmpty { return "\(step.block) \(step.label.quotedForDisplay)" }
            return step.index.map { "\(step.block)[\($0)]" } ?? step.block
        }
        let place = blocks.isEmpty ? "job" : blocks.joined(separator: " > ")
        return attribute.map { "\(place).\($0)" } ?? place
    }
}

extension String {
    /// The text in quotes, with control characters made visible and an end to its length: names come from strangers.
    var quotedForDisplay: String {
        var shown = "\""
        for scalar in unicodeScalars.prefix(64) {
            switch scalar {
            case "\"", "\\": shown += "\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown + (unicodeScalars.count > 64 ? "…\"" : "\"")
    }
}
