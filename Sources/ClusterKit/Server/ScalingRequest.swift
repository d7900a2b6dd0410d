/// What someone, or an autoscaler, wants of a group's count.
public struct ScalingRequest: Hashable, Sendable {
    /// The group by name.
    public var group: String
    /// How many instances are wanted; `nil` changes nothing and only leaves words.
    public var count: Int?
    /// Why, in words.
    public var message: String
    /// Whether the words tell of something that went wrong; then no count may be stated.
    public var isError: Bool
    /// Free words, kept with the event.
    public var meta: [String: ConfigValue]
    /// Do it only if the job's statement has not changed since; `nil` for whatever is there.
    public var revision: Revision?

    /// The longest meta, in bytes as it is kept: the last twenty events of each group are kept, and shown in lists.
    public static let longestMeta = 4096

    /// States a wish.
    public init(
        group: String, count: Int? = nil, message: String = "", isError: Bool = false,
        meta: [String: ConfigValue] = [:], ifUnchangedSince revision: Revision? = nil
    ) {
        self.group = group
        self.count = count
        self.message = message
        self.isError = isError
        self.meta = meta
        self.revision = revision
    }
}
