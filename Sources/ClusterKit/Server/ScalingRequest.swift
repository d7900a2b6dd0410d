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

    /// States a wish.
    public init(
        group: String, count: Int? = nil, message: String = "", isError: Bool = false,
        meta: [String: ConfigValue] = [:]
    ) {
        self.group = group
        self.count = count
        self.message = message
        self.isError = isError
        self.meta = meta
    }
}
