/// Counts the writes that the store refused one after the other, so that the log tells of a full disk when it begins,
/// now and then while it lasts, and when it is over, instead of once a write.
struct StoreRefusals {
    /// The least time between two warnings while it lasts.
    static let interval = Duration.seconds(60)

    private var count = 0
    private var nextWarning: Uptime?

    /// Takes in one more refusal. Gives what to warn the operator of, `nil` where that was said lately.
    mutating func note(_ message: String, triedAgainAfter retry: Duration, at now: Uptime) -> String? {
        count += 1
        if let nextWarning, now < nextWarning { return nil }
        nextWarning = now + Self.interval
        return count == 1
            ? "\(message); nothing was written, reads go on, and writes are tried again every \(retry.goText)"
            : "\(message); \(count) writes in a row were refused"
    }

    /// Takes in a write that the store took. Gives what to tell the operator if others were refused before it.
    mutating func end() -> String? {
        guard count > 0 else { return nil }
        defer { self = StoreRefusals() }
        return "the store takes writes again, after \(count) that it refused"
    }
}
