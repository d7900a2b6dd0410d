/// Something about a tag that users have to be told.
struct TagRemark: Hashable, Sendable {
    /// The tag, wholly.
    var tag: String
    /// What is wrong with it, or what becomes of it.
    var reason: String
}

/// Why a tag is not taken.
struct TagRefusal: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A router, a service or a middleware as the tags of one instance state it.
struct TagItem<Config: Hashable & Sendable>: Sendable {
    /// The name as it was first spelled; names are compared without regard to case.
    var name: String
    /// What it shall be.
    var config: Config
    /// The tag that stated each option, by the option's key in lower case.
    var tags: [String: String] = [:]
    /// What is wrong: it may not be used.
    var faults: [TagRemark] = []
    /// What is taken and has no effect.
    var notes: [TagRemark] = []

    init(name: String, config: Config) {
        self.name = name
        self.config = config
    }

    /// Takes one option; a fault if `change` refuses it, or if another tag stated it differently.
    mutating func set(_ option: String, _ label: TagLabel, _ change: (inout Config) throws(TagRefusal) -> Void) {
        if let other = tags[option], other != label.tag {
            fault(label, "it is stated twice, also as \"\(other)\"")
            return
        }
        tags[option] = label.tag
        do throws(TagRefusal) {
            if label.value.utf8.count > TagLabel.longestValue {
                let length = label.value.utf8.count
                throw TagRefusal("its value is \(length) bytes long; \(TagLabel.longestValue) are read at most")
            }
            try change(&config)
        } catch {
            fault(label, error.reason)
        }
    }

    mutating func fault(_ label: TagLabel, _ reason: String) {
        faults.append(TagRemark(tag: label.tag, reason: reason))
    }

    mutating func note(_ label: TagLabel, _ reason: String) { notes.append(TagRemark(tag: label.tag, reason: reason)) }
}

/// What a router's tags state.
struct RouterConfig: Hashable, Sendable {
    var rule: String?
    var priority = 0
    /// By name in lower case; `nil` for the service of the instance itself.
    var service: String?
    /// By name in lower case.
    var middlewares: [String] = []
}

/// What the tags of a load balancer state that must be the same for all of its instances.
struct PoolConfig: Hashable, Sendable {
    var passesHost = true
    /// The service of the catalog whose instances it holds; empty for one that tags name.
    var origin = ""
}

/// What a middleware's tags state.
struct MiddlewareConfig: Hashable, Sendable {
    /// The kind in lower case; empty when no tag named one.
    var kind = ""
    var prefixes: [String] = []
    /// By name in lower case.
    var chain: [String] = []
}
