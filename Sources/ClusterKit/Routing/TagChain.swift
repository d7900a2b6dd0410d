/// The middlewares that a router names, with their chains followed to the end.
struct TagChain {
    /// More than these are a mistake: chains that name chains grow fast.
    private static let most = 32

    private(set) var middlewares: [Middleware] = []
    private(set) var faults: [TagRemark] = []
    /// The names that were followed, in lower case.
    private(set) var used: Set<String> = []

    private let collection: TagCollection<MiddlewareConfig>
    private var steps = 0

    /// Follows the middlewares of a router through all that is known.
    init(_ router: TagItem<RouterConfig>, in collection: TagCollection<MiddlewareConfig>) {
        self.collection = collection
        for name in router.config.middlewares { follow(name, tag: router.tags["middlewares"] ?? "", []) }
    }

    private mutating func fault(_ tag: String, _ reason: String) {
        let remark = TagRemark(tag: tag, reason: reason)
        if !faults.contains(remark) { faults.append(remark) }
    }

    private mutating func follow(_ name: String, tag: String, _ path: [String]) {
        used.insert(name)
        steps += 1
        guard steps <= Self.most else { return fault(tag, "it leads to more than \(Self.most) middlewares") }
        guard !path.contains(name) else {
            return fault(tag, "the chain leads back to itself: \((path + [name]).joined(separator: ", "))")
        }
        guard let verdict = collection.verdict(on: name) else {
            return fault(tag, "there is no middleware `\(name)` in any tag" + TagSet.near(name, collection.names))
        }
        guard verdict.faults.isEmpty else {
            for remark in verdict.faults { fault(remark.tag, "middleware `\(name)`: \(remark.reason)") }
            return
        }
        let config = verdict.item.config
        switch config.kind {
        case "stripprefix" where !config.prefixes.isEmpty: middlewares.append(.stripPrefix(config.prefixes))
        case "chain" where !config.chain.isEmpty:
            let next = verdict.item.tags["chain.middlewares"] ?? tag
            for inner in config.chain { follow(inner, tag: next, path + [name]) }
        default:
            let option = config.kind == "chain" ? "middlewares" : "prefixes"
            let stated = verdict.item.tags.values.min() ?? tag
            fault(stated, "middleware `\(name)` states no \(option), so it does nothing; state some or name it nowhere")
        }
    }
}
