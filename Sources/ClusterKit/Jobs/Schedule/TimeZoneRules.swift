/// By how much the local time of a place differs from universal time, at any moment.
package struct TimeZoneRules: Hashable, Sendable {
    /// From `start` on, in seconds since 1970, local time is `offset` seconds ahead of universal time.
    struct Change: Hashable, Sendable {
        var start: Int
        var offset: Int
    }

    /// The offset before the first change.
    var initialOffset: Int
    /// Changes in the order of time, until the last year that schedules know.
    var changes: [Change]

    /// Universal time.
    package static let utc = TimeZoneRules(initialOffset: 0, changes: [])

    init(initialOffset: Int, changes: [Change]) {
        self.initialOffset = initialOffset
        self.changes = changes
    }

    /// Which stretch of equal offset holds a moment: 0 before the first change.
    func stretch(at time: Int) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].start <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The offset of a stretch.
    func offset(of stretch: Int) -> Int { stretch == 0 ? initialOffset : changes[stretch - 1].offset }

    /// The moment at which a stretch ends; `nil` for the last one.
    func end(of stretch: Int) -> Int? { stretch < changes.count ? changes[stretch].start : nil }
}
