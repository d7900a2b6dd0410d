/// The times of a periodic job: one or several expressions, and the zone in which they are meant.
///
/// Where clocks are changed, an expression that names every hour means a rhythm: it goes on, so that a local time that
/// comes twice counts twice and one that never comes is left out. Any other names times of a day, which are neither
/// lost nor doubled: a time that does not exist counts at the moment at which clocks are set forward, one that comes
/// twice counts the first time.
package struct Schedule: Hashable, Sendable {
    private let expressions: [CronExpression]
    private let zone: TimeZoneRules

    /// The earliest of all `expressions` counts.
    package init(_ expressions: [CronExpression], in zone: TimeZoneRules = .utc) {
        self.expressions = expressions
        self.zone = zone
    }

    /// The next time after `time`; `nil` when there is none until the end of the year 2099.
    package func next(after time: WallTime) -> WallTime? {
        let second = Int(time.nanoseconds).split(by: 1_000_000_000).whole
        return expressions.compactMap { next($0, after: second) }.min().map(Self.wall)
    }

    /// The newest time after `time` that is not after `end`; `nil` when there is none.
    package func latest(after time: WallTime, notAfter end: WallTime) -> WallTime? {
        guard let first = next(after: time), first <= end else { return nil }
        // From the shortest stretch on that holds one, so that few are passed on the way.
        for stretch in [60, 3600, 86_400, 32 * 86_400, 366 * 86_400] {
            let start = end + .seconds(-stretch)
            guard start > first else { break }
            if let found = next(after: start), found <= end { return last(from: found, notAfter: end) }
        }
        return last(from: first, notAfter: end)
    }

    private func last(from first: WallTime, notAfter end: WallTime) -> WallTime {
        var last = first
        while let next = next(after: last), next <= end { last = next }
        return last
    }

    private static func wall(_ second: Int) -> WallTime { WallTime(nanoseconds: Int64(second) &* 1_000_000_000) }

    private func next(_ expression: CronExpression, after time: Int) -> Int? {
        var stretch = zone.stretch(at: time + 1)
        var start = time + 1
        while true {
            let offset = zone.offset(of: stretch)
            let end = zone.end(of: stretch)
            var local = start + offset
            if !expression.isHourly, stretch > 0, let changed = zone.end(of: stretch - 1) {
                // Up to here the clock before has shown the same times.
                local = max(local, changed + zone.offset(of: stretch - 1))
            }
            if let found = expression.first(from: local, before: end.map { $0 + offset } ?? .max) {
                return found - offset
            }
            guard let end else { return nil }
            let later = zone.offset(of: stretch + 1)
            if !expression.isHourly, expression.first(from: end + offset, before: end + later) != nil { return end }
            stretch += 1
            start = end
        }
    }
}
