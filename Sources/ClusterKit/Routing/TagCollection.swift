/// What all instances together state under the names of one kind.
struct TagCollection<Config: Hashable & Sendable> {
    private struct Statement {
        var item: TagItem<Config>
        var service: String
        var isOffered: Bool

        func says(theSameAs other: Statement) -> Bool {
            service == other.service && isOffered == other.isOffered && item.config == other.item.config
                && item.faults == other.item.faults && item.notes == other.item.notes
        }
    }

    /// What a name stands for, once all is heard.
    struct Verdict {
        var item: TagItem<Config>
        /// The services whose instances state it, in order.
        var services: [String]
        /// What is wrong: it may not be used.
        var faults: [TagRemark]
        var notes: [TagRemark]
    }

    private var statements: [String: [Statement]] = [:]

    var names: [String] { statements.keys.sorted() }

    /// Hears what an instance states.
    mutating func add(_ item: TagItem<Config>, as name: String, of service: String, isOffered: Bool) {
        let statement = Statement(item: item, service: service, isOffered: isOffered)
        // Instances of one service follow each other and mostly say the same.
        if let last = statements[name]?.last, last.says(theSameAs: statement) { return }
        statements[name, default: []].append(statement)
    }

    /// What a name stands for; `nil` for one that nobody states.
    ///
    /// Where an instance that is offered states it, those that fail are not heard: a bad new version cannot take a
    /// route away from the good old one.
    func verdict(on name: String) -> Verdict? {
        guard let all = statements[name], let any = all.first else { return nil }
        let offered = all.filter(\.isOffered)
        let heard = offered.isEmpty ? all : offered
        let first = heard.first ?? any
        var faults = Self.distinct(heard.flatMap(\.item.faults))
        if faults.isEmpty, let other = heard.first(where: { $0.item.config != first.item.config }) {
            faults = [Self.conflict(first, other)]
        }
        return Verdict(
            item: first.item, services: Set(heard.map(\.service)).sorted(), faults: faults,
            notes: Self.distinct(heard.flatMap(\.item.notes)))
    }

    private static func conflict(_ first: Statement, _ other: Statement) -> TagRemark {
        let options = Set(first.item.tags.keys).union(other.item.tags.keys).sorted()
        let option = options.first { first.item.tags[$0] != other.item.tags[$0] }
        let one = option.flatMap { first.item.tags[$0] }
        let two = option.flatMap { other.item.tags[$0] }
        let who =
            first.service == other.service
            ? "instances of \(first.service) disagree" : "\(first.service) and \(other.service) disagree"
        let difference = one == nil || two == nil ? "some do not state it" : "others state \"\(one ?? "")\""
        return TagRemark(
            tag: two ?? one ?? first.item.tags.values.min() ?? other.item.tags.values.min() ?? first.item.name,
            reason: "\(who) about \"\(first.item.name)\": \(difference); let all state the same, or use another name")
    }

    private static func distinct(_ remarks: [TagRemark]) -> [TagRemark] {
        var seen: Set<TagRemark> = []
        return remarks.filter { seen.insert($0).inserted }
    }
}
