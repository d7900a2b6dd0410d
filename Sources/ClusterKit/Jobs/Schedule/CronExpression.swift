/// Times in cron's notation, as Nomad reads it: minute, hour, day of the month, month, day of the week, and if wanted
/// seconds in front (with seven fields) and years behind (with six or seven).
///
/// A day counts when either of its fields names it, if both are restricted; that is cron's own rule.
package struct CronExpression: Hashable, Sendable {
    /// The days of a month that a number cannot name.
    struct MonthDays: Hashable, Sendable {
        /// Bit n stands for day n.
        var days: UInt64 = 0
        /// The last day.
        var last = false
        /// The last day from Monday to Friday.
        var lastWorkday = false
        /// Bit n stands for the day from Monday to Friday next to day n, within the month.
        var workdays: UInt64 = 0
    }

    /// The days of a week, and which of them in a month.
    struct WeekDays: Hashable, Sendable {
        /// Bit n stands for every day n, with 0 for Sunday.
        var days: UInt64 = 0
        /// Bit n stands for the last day n of a month.
        var last: UInt64 = 0
        /// Bit `7 * (k - 1) + n` stands for the k-th day n of a month.
        var nth: UInt64 = 0
    }

    /// The first and the last year that can be named.
    static let years = 1970...2099

    /// Bits of the seconds, minutes and hours.
    var seconds: UInt64 = 1
    var minutes: UInt64 = 0
    var hours: UInt64 = 0
    /// Bits of the months, from 1.
    var months: UInt64 = 0
    /// The days of the month; `nil` when the field says any.
    var monthDays: MonthDays?
    /// The days of the week; `nil` when the field says any.
    var weekDays: WeekDays?
    /// Which years, the first one first.
    var yearSet: [Bool] = Array(repeating: true, count: years.count)

    init() {}

    /// Whether it names every hour, so that it means a rhythm rather than times of a day.
    var isHourly: Bool { hours == 0xFF_FFFF }

    /// The first moment named by it from `start` on and before `end`, both as seconds since 1970 on a clock that shows
    /// local time and never changes its zone.
    func first(from start: Int, before end: Int) -> Int? {
        guard start < end else { return nil }
        var (day, second) = start.split(by: 86_400)
        var date = CalendarDay(daysSince1970: day)
        while day * 86_400 < end, date.year <= Self.years.upperBound {
            if !names(year: date.year) {
                date = CalendarDay(year: max(date.year + 1, Self.years.lowerBound), month: 1, day: 1)
            } else if months & (1 << date.month) == 0 {
                date = Self.month(after: date)
            } else {
                if names(date, at: day), let time = time(from: second) {
                    let found = day * 86_400 + time
                    return found < end ? found : nil
                }
                date.day += 1
                if date.day > CalendarDay.daysIn(month: date.month, of: date.year) { date = Self.month(after: date) }
            }
            day = date.daysSince1970
            second = 0
        }
        return nil
    }

    private static func month(after date: CalendarDay) -> CalendarDay {
        date.month == 12
            ? CalendarDay(year: date.year + 1, month: 1, day: 1)
            : CalendarDay(year: date.year, month: date.month + 1, day: 1)
    }

    private func names(year: Int) -> Bool { Self.years.contains(year) && yearSet[year - Self.years.lowerBound] }

    /// Whether it names a day of a month and a year that it names.
    private func names(_ date: CalendarDay, at day: Int) -> Bool {
        guard monthDays != nil || weekDays != nil else { return true }
        let length = CalendarDay.daysIn(month: date.month, of: date.year)
        let weekday = CalendarDay.weekday(daysSince1970: day)
        if let monthDays, monthDays.name(date.day, weekday: weekday, length: length) { return true }
        if let weekDays, weekDays.name(weekday, day: date.day, length: length) { return true }
        return false
    }

    /// The first time of a day from `second` on, in seconds since its beginning.
    private func time(from second: Int) -> Int? {
        var (hour, minute) = (second / 3600, second / 60 % 60)
        var least = second % 60
        while let found = Self.first(in: hours, from: hour) {
            if found != hour { (minute, least) = (0, 0) }
            hour = found
            while let found = Self.first(in: minutes, from: minute) {
                if found != minute { least = 0 }
                minute = found
                if let second = Self.first(in: seconds, from: least) { return hour * 3600 + minute * 60 + second }
                (minute, least) = (minute + 1, 0)
            }
            (hour, minute, least) = (hour + 1, 0, 0)
        }
        return nil
    }

    /// The lowest bit that is set from `start` on.
    private static func first(in bits: UInt64, from start: Int) -> Int? {
        let rest = bits & (UInt64.max << UInt64(start))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}

extension CronExpression.MonthDays {
    fileprivate func name(_ day: Int, weekday: Int, length: Int) -> Bool {
        if days & (1 << day) != 0 || last && day == length { return true }
        guard (1...5).contains(weekday) else { return false }
        // A Friday speaks for the Saturday after it, a Monday for the Sunday before it, unless that is another month.
        if workdays & (1 << day) != 0 { return true }
        if weekday == 5 {
            if day + 1 <= length, workdays & (1 << (day + 1)) != 0 { return true }
            if day + 2 == length, workdays & (1 << (day + 2)) != 0 { return true }
        }
        if weekday == 1 {
            if day > 1, workdays & (1 << (day - 1)) != 0 { return true }
            if day == 3, workdays & (1 << 1) != 0 { return true }
        }
        return lastWorkday && (day == length || weekday == 5 && day + 2 >= length)
    }
}

extension CronExpression.WeekDays {
    fileprivate func name(_ weekday: Int, day: Int, length: Int) -> Bool {
        days & (1 << weekday) != 0 || last & (1 << weekday) != 0 && day + 7 > length
            || nth & (1 << (7 * ((day - 1) / 7) + weekday)) != 0
    }
}
