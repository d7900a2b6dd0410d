/// The rule of a zone for all years, in the notation of POSIX and RFC 9636: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixZone {
    /// A day of each year, and a time on it.
    private struct Moment {
        enum Day {
            /// The n-th day of a year, counted from 1 and never the 29th of February.
            case plain(Int)
            /// The n-th day of a year, counted from 0.
            case counted(Int)
            /// A weekday of a month: its n-th, or its last for 5.
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        /// Seconds from the beginning of the day, on the clock that is valid before.
        var time: Int

        /// Seconds since 1970 on a local clock.
        func local(in year: Int) -> Int {
            let first = CalendarDay(year: year, month: 1, day: 1).daysSince1970
            let days: Int
            switch day {
            case .plain(let number): days = first + number - 1 + (number > 59 && CalendarDay.isLeap(year) ? 1 : 0)
            case .counted(let number): days = first + number
            case .weekday(let month, let week, let weekday):
                let start = CalendarDay(year: year, month: month, day: 1)
                let ahead = (weekday - start.weekday + 7) % 7 + (week - 1) * 7
                let isInside = ahead < CalendarDay.daysIn(month: month, of: year)
                days = start.daysSince1970 + (isInside ? ahead : ahead - 7)
            }
            return days * 86_400 + time
        }
    }

    /// By how many seconds the clocks are ahead of universal time when nothing else is said.
    let standard: Int
    private var summer: (offset: Int, start: Moment, end: Moment)?

    /// Reads a rule; `nil` for anything else.
    init?(_ text: String) {
        var rest = Substring(text)
        guard Self.name(&rest), let standard = Self.time(&rest, upTo: 24) else { return nil }
        self.standard = -standard
        guard !rest.isEmpty else { return }
        guard Self.name(&rest) else { return nil }
        var offset = self.standard + 3600
        if rest.first != "," {
            guard let stated = Self.time(&rest, upTo: 24) else { return nil }
            offset = -stated
        }
        guard let start = Self.moment(&rest), let end = Self.moment(&rest), rest.isEmpty else { return nil }
        summer = (offset, start, end)
    }

    /// The changes in a year, in order.
    func changes(in year: Int) -> [TimeZoneRules.Change] {
        guard let summer else { return [] }
        return [
            TimeZoneRules.Change(start: summer.start.local(in: year) - standard, offset: summer.offset),
            TimeZoneRules.Change(start: summer.end.local(in: year) - summer.offset, offset: standard),
        ].sorted { $0.start < $1.start }
    }

    private static func name(_ rest: inout Substring) -> Bool {
        if rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let name = rest.prefix { $0.isASCII && $0.isLetter }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    private static func number(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits.count <= 3 ? Int(digits) : nil
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    private static func time(_ rest: inout Substring, upTo hours: Int) -> Int? {
        let sign = rest.first == "-" ? -1 : 1
        if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
        guard let hour = number(&rest), hour <= hours else { return nil }
        var seconds = hour * 3600
        for unit in [60, 1] where rest.first == ":" {
            rest = rest.dropFirst()
            guard let part = number(&rest), part < 60 else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    private static func moment(_ rest: inout Substring) -> Moment? {
        guard rest.first == "," else { return nil }
        rest = rest.dropFirst()
        guard let day = day(&rest) else { return nil }
        guard rest.first == "/" else { return Moment(day: day, time: 7200) }
        rest = rest.dropFirst()
        return time(&rest, upTo: 167).map { Moment(day: day, time: $0) }
    }

    private static func day(_ rest: inout Substring) -> Moment.Day? {
        let letter = rest.first
        if letter == "M" || letter == "J" { rest = rest.dropFirst() }
        guard let first = number(&rest) else { return nil }
        guard letter == "M" else {
            if letter == "J" { return (1...365).contains(first) ? .plain(first) : nil }
            return (0...365).contains(first) ? .counted(first) : nil
        }
        guard rest.popFirst() == ".", let week = number(&rest), rest.popFirst() == ".", let day = number(&rest),
            (1...12).contains(first), (1...5).contains(week), (0...6).contains(day)
        else { return nil }
        return .weekday(month: first, week: week, day: day)
    }
}
