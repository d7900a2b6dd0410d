/// What kind of difference there is.
public enum DiffKind: String, Sendable {
    /// Only the new statement has it.
    case added = "Added"
    /// Only the old statement has it.
    case deleted = "Deleted"
    /// Both have it, and it differs.
    case edited = "Edited"
    /// Both have it, and it is the same.
    case none = "None"
}

/// Two statements of a job compared field by field, under the names of Nomad's JSON.
public struct JobDiff: Hashable, Sendable {
    /// One value.
    public struct Field: Hashable, Sendable {
        /// What kind of difference it is.
        public let kind: DiffKind
        /// The name, with the key in brackets for maps and the place for lists: `Env[PATH]`, `args[0]`.
        public let name: String
        /// The old value; empty when there was none.
        public let old: String
        /// The new value; empty when there is none.
        public let new: String
    }

    /// A block: a job, group, task, or anything within them.
    public struct Block: Hashable, Sendable {
        /// What kind of difference it is.
        public var kind: DiffKind
        /// The name: that of a group or task, else what the block is.
        public let name: String
        /// Values that differ, by name.
        public var fields: [Field] = []
        /// Blocks within it that differ.
        public var objects: [Block] = []
        /// The groups of a job, or the tasks of a group; those without a difference as well.
        public var parts: [Block] = []

        var isSame: Bool { fields.isEmpty && objects.isEmpty && parts.allSatisfy { $0.kind == .none } }
    }

    /// The identifier of the job.
    public let id: String
    /// The job; its parts are its groups, whose parts are their tasks.
    public let job: Block

    /// Compares two statements; without an old one, everything is new.
    public init(from old: Job?, to new: Job) {
        id = new.id.id
        let comparison = DocumentComparison()
        let before = old.flatMap { comparison.document($0) }
        let after = comparison.document(new)
        job = comparison.compare("", before, after, parts: ["TaskGroups", "Tasks"])
    }
}

/// Compares JSON documents of jobs.
private struct DocumentComparison {
    /// What the store adds to a statement.
    private static let bookkeeping: Set<String> = [
        "CreateIndex", "ModifyIndex", "JobModifyIndex", "SubmitTime", "Version", "Stable", "Status",
        "StatusDescription", "VersionTag", "Stop",
    ]

    func document(_ job: Job) -> JSONObject? {
        guard let value = try? JSONParser.parse(JobDocument(job.canonical()).json),
            case .object(let object) = value
        else { return nil }
        return object
    }

    /// Compares two objects. `parts` names the list of named parts at this level and those below.
    func compare(_ name: String, _ old: JSONObject?, _ new: JSONObject?, parts: [String] = []) -> JobDiff.Block {
        var block = JobDiff.Block(kind: .edited, name: name)
        let keys = Set((old?.members ?? []).map(\.name)).union((new?.members ?? []).map(\.name))
        for key in keys.subtracting(Self.bookkeeping).sorted() {
            let (before, after) = (old?[key] ?? .null, new?[key] ?? .null)
            if key == parts.first {
                block.parts = compareNamed(before, after, Array(parts.dropFirst()))
            } else if before != after {
                compare(key, before, after, into: &block)
            }
        }
        block.kind = block.isSame ? .none : old == nil ? .added : new == nil ? .deleted : .edited
        return block
    }

    private func compareNamed(_ old: JSONValue, _ new: JSONValue, _ parts: [String]) -> [JobDiff.Block] {
        let (before, after) = (objects(old), objects(new))
        let names = Set((before + after).map(label))
        return names.sorted().map { name in
            compare(name, before.first { label($0) == name }, after.first { label($0) == name }, parts: parts)
        }
    }

    /// Compares two values of any kind that differ.
    private func compare(_ key: String, _ old: JSONValue, _ new: JSONValue, into block: inout JobDiff.Block) {
        switch (old, new) {
        case (.object, _), (_, .object):
            let (before, after) = (object(old), object(new))
            let isPlain = ((before?.members ?? []) + (after?.members ?? [])).allSatisfy { isScalar($0.value) }
            if isPlain, key == "Meta" || key == "Env" {
                let names = Set((before?.members ?? []).map(\.name)).union((after?.members ?? []).map(\.name))
                for name in names.sorted() {
                    add("\(key)[\(name)]", before?[name] ?? .null, after?[name] ?? .null, to: &block)
                }
            } else {
                let inner = compare(key, before, after)
                if inner.kind != .none { block.objects.append(inner) }
            }
        case (.array, _), (_, .array):
            let (before, after) = (array(old), array(new))
            guard (before + after).contains(where: { object($0) != nil }) else {
                for place in 0..<max(before.count, after.count) {
                    let left = place < before.count ? before[place] : .null
                    let right = place < after.count ? after[place] : .null
                    add("\(key)[\(place)]", left, right, to: &block)
                }
                return
            }
            compareLists(
                singular(key), before.filter { !after.contains($0) }, after.filter { !before.contains($0) }, &block)
        default: add(key, old, new, to: &block)
        }
    }

    /// Compares what is left of two lists of blocks: those of one name with each other.
    private func compareLists(
        _ name: String, _ old: [JSONValue], _ new: [JSONValue], _ block: inout JobDiff.Block
    ) {
        var rest = new.compactMap(object)
        for before in old.compactMap(object) {
            let place = rest.firstIndex { !label($0).isEmpty && label($0) == label(before) }
            block.objects.append(compare(name, before, place.map { rest.remove(at: $0) }))
        }
        for after in rest { block.objects.append(compare(name, nil, after)) }
    }

    private func add(_ name: String, _ old: JSONValue, _ new: JSONValue, to block: inout JobDiff.Block) {
        guard old != new else { return }
        let kind: DiffKind = old == .null ? .added : new == .null ? .deleted : .edited
        block.fields.append(.init(kind: kind, name: name, old: text(old), new: text(new)))
    }

    private func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .array(let values): "[\(values.map(text).joined(separator: ", "))]"
        case .object(let object): "{\(object.members.map { "\($0.name): \(text($0.value))" }.joined(separator: ", "))}"
        }
    }

    private func isScalar(_ value: JSONValue) -> Bool { object(value) == nil && array(value).isEmpty }

    private func object(_ value: JSONValue) -> JSONObject? {
        if case .object(let object) = value { object } else { nil }
    }

    private func objects(_ value: JSONValue) -> [JSONObject] { array(value).compactMap(object) }

    private func array(_ value: JSONValue) -> [JSONValue] { if case .array(let values) = value { values } else { [] } }

    /// What tells one block of a kind from another.
    private func label(_ object: JSONObject) -> String {
        for key in ["Name", "Label", "DestPath"] {
            if case .string(let text) = object[key] { return text }
        }
        return ""
    }

    private func singular(_ name: String) -> String {
        if name.hasSuffix("ies") { return name.dropLast(3) + "y" }
        return name.hasSuffix("s") ? String(name.dropLast()) : name
    }
}
