import Testing

@testable import ClusterKit

/// What cron's notation means, day by day, in a place whose clocks never change.
@Suite struct CronExpressionTests {
    private func second(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0) -> Int {
        CalendarDay(year: year, month: month, day: day).daysSince1970 * 86_400 + hour * 3600 + minute * 60
    }

    /// The next moments after the 1st of January 2026, a Thursday, as `month-day hour:minute:second`, with the year if
    /// it is another.
    private func times(_ text: String, _ count: Int) throws -> [String] {
        let expression = try CronExpression(text)
        var from = second(2026, 1, 1) + 1
        var found: [String] = []
        while found.count < count, let time = expression.first(from: from, before: .max) {
            let (day, rest) = time.split(by: 86_400)
            let date = CalendarDay(daysSince1970: day)
            let clock = "\(rest / 3600):\(rest / 60 % 60):\(rest % 60)"
            found.append((date.year == 2026 ? "" : "\(date.year)-") + "\(date.month)-\(date.day) \(clock)")
            from = time + 1
        }
        return found
    }

    @Test(arguments: [
        ("* * * * *", ["1-1 0:1:0", "1-1 0:2:0", "1-1 0:3:0"]),
        ("*/25 3 * * *", ["1-1 3:0:0", "1-1 3:25:0", "1-1 3:50:0"]),
        ("7/20 3 * * *", ["1-1 3:7:0", "1-1 3:27:0", "1-1 3:47:0"]),
        ("5,10-20/5 0 * * ?", ["1-1 0:5:0", "1-1 0:10:0", "1-1 0:15:0"]),
        ("0 4 * * *", ["1-1 4:0:0", "1-2 4:0:0", "1-3 4:0:0"]),
        ("0 0 31 * *", ["1-31 0:0:0", "3-31 0:0:0", "5-31 0:0:0"]),
        ("0 0 29 2 *", ["2028-2-29 0:0:0", "2032-2-29 0:0:0"]),
        ("0 0 1 JAN,jul *", ["7-1 0:0:0", "2027-1-1 0:0:0"]),
        ("0 0 1 february *", ["2-1 0:0:0", "2027-2-1 0:0:0"]),
        ("0 12 * * MON-FRI", ["1-1 12:0:0", "1-2 12:0:0", "1-5 12:0:0"]),
        ("0 0 * * 0", ["1-4 0:0:0", "1-11 0:0:0"]), ("0 0 * * 7", ["1-4 0:0:0", "1-11 0:0:0"]),
        ("0 0 * * sunday", ["1-4 0:0:0", "1-11 0:0:0"]),
        // A day counts when either field names it.
        ("0 0 13 * fri", ["1-2 0:0:0", "1-9 0:0:0", "1-13 0:0:0", "1-16 0:0:0"]),
        ("0 0 L * *", ["1-31 0:0:0", "2-28 0:0:0", "3-31 0:0:0"]),
        // The 31st of January 2026 is a Saturday, the 28th of February too, the 31st of May a Sunday.
        ("0 0 LW * *", ["1-30 0:0:0", "2-27 0:0:0", "3-31 0:0:0", "4-30 0:0:0", "5-29 0:0:0"]),
        ("0 0 15W 2,3,8 *", ["2-16 0:0:0", "3-16 0:0:0", "8-14 0:0:0"]),
        // The 1st of August 2026 is a Saturday, the 1st of February a Sunday: the month is not left.
        ("0 0 1W 2,8 *", ["2-2 0:0:0", "8-3 0:0:0"]),
        // The 31st of May 2026 is a Sunday, the 31st of October a Saturday; June has none.
        ("0 0 31W 5,6,10 *", ["5-29 0:0:0", "10-30 0:0:0", "2027-5-31 0:0:0"]),
        ("0 0 * * 5#3", ["1-16 0:0:0", "2-20 0:0:0", "3-20 0:0:0"]),
        ("0 0 * * mon#5", ["3-30 0:0:0", "6-29 0:0:0", "8-31 0:0:0"]),
        ("0 0 * * 5L", ["1-30 0:0:0", "2-27 0:0:0", "3-27 0:0:0"]),
        ("0 0 1 1 * 2030", ["2030-1-1 0:0:0"]), ("0 0 1 1 * 2030-2034/2", ["2030-1-1 0:0:0", "2032-1-1 0:0:0"]),
        ("*/20 59 23 * * * *", ["1-1 23:59:0", "1-1 23:59:20", "1-1 23:59:40", "1-2 23:59:0"]),
        ("* * * * * * *", ["1-1 0:0:1", "1-1 0:0:2"]), ("@hourly", ["1-1 1:0:0", "1-1 2:0:0"]),
        ("@daily", ["1-2 0:0:0", "1-3 0:0:0"]), ("@midnight", ["1-2 0:0:0"]), ("@weekly", ["1-4 0:0:0"]),
        ("@monthly", ["2-1 0:0:0"]), ("@yearly", ["2027-1-1 0:0:0"]), ("@annually", ["2027-1-1 0:0:0"]),
    ])
    func namesTimes(_ text: String, _ expected: [String]) throws {
        #expect(try times(text, expected.count) == expected)
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 29 2 * 2027", "0 0 1 1 * 2020"])
    func someNeverCome(_ text: String) throws {
        #expect(try times(text, 1) == [])
    }

    @Test(arguments: [
        ("", "is empty"), ("* * * *", "has 4 fields"), ("* * * * * * * *", "has 8 fields"),
        ("60 * * * *", "names \"60\" as minute; that is a number from 0 to 59"), ("* 24 * * *", "as hour"),
        ("* * 0 * *", "as day of month"), ("* * * 13 *", "as month"), ("* * * * 8", "as day of week"),
        ("* * * * * 1969", "as year"), ("*/0 * * * *", "steps by \"0\" in its minute"),
        ("*/99999999999999999999 * * * *", "steps by"), ("20-10 * * * *", "ends before it begins"),
        ("1-2-3 * * * *", "names \"1-2-3\" as minute"), ("1,,2 * * * *", "names \"\" as minute"),
        ("+1 * * * *", "names \"+1\" as minute"), ("* * * * 5#6", "at most five of each"),
        ("* * 32W * *", "as day of month"), ("* * * feb-xyz *", "names \"xyz\" as month"), ("@often", "@daily"),
        ("@daily * * * *", "is no time"), ("\u{661} * * * *", "as minute"),
    ])
    func refusesWithTheFieldThatIsWrong(_ text: String, _ reason: String) {
        do throws(ClusterError) {
            _ = try CronExpression(text)
            Issue.record("\"\(text)\" was taken")
        } catch {
            #expect(error.message.contains(reason), "\(error.message)")
        }
    }

    @Test func daysAreThoseOfTheCalendar() {
        var date = CalendarDay(year: 1899, month: 12, day: 31)
        var number = date.daysSince1970
        #expect(CalendarDay(year: 1970, month: 1, day: 1).daysSince1970 == 0)
        for _ in 0..<80_000 {
            let next = CalendarDay(daysSince1970: number + 1)
            let length = CalendarDay.daysIn(month: date.month, of: date.year)
            let isLast = date.day == length
            #expect(next.day == (isLast ? 1 : date.day + 1))
            #expect(next.month == (isLast ? date.month % 12 + 1 : date.month) && next.daysSince1970 == number + 1)
            (date, number) = (next, number + 1)
        }
        #expect(CalendarDay(year: 2026, month: 11, day: 26).weekday == 4, "a Thursday")
        #expect(CalendarDay(year: 1969, month: 12, day: 31).weekday == 3)
    }
}
