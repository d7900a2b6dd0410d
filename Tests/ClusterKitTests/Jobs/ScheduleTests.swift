import Foundation
import Testing

@testable import ClusterKit

/// Schedules where clocks are changed. The zones are those of the system; where there are none, nothing is tested.
@Suite struct ScheduleTests {
    private static func zone(_ name: String) throws -> TimeZoneRules { try ZoneFiles().rules(of: name) }

    /// A moment as its zone's clocks show it, with the offset: `2026-03-29 02:30:00 +0200`.
    private static func text(_ time: Int, _ zone: TimeZoneRules) -> String {
        let offset = zone.offset(of: zone.stretch(at: time))
        let (day, rest) = (time + offset).split(by: 86_400)
        let date = CalendarDay(daysSince1970: day)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day)) \(two(rest / 3600)):\(two(rest / 60 % 60))"
            + " \(offset < 0 ? "-" : "+")\(two(abs(offset) / 3600))\(two(abs(offset) / 60 % 60))"
    }

    private func times(_ cron: String, _ name: String, after start: String, _ count: Int) throws -> [String] {
        let zone = try Self.zone(name)
        let schedule = Schedule([try CronExpression(cron)], in: zone)
        var time = WallTime(
            nanoseconds: Int64(try Date(start, strategy: .iso8601).timeIntervalSince1970) * 1_000_000_000)
        return try (0..<count).map { _ in
            time = try #require(schedule.next(after: time))
            return Self.text(Int(time.nanoseconds / 1_000_000_000), zone)
        }
    }

    /// Times of a day are neither lost nor doubled.
    @Test(arguments: [
        (
            "30 2 * * *", "Europe/Zurich", "2026-03-28T00:00:00Z",
            ["2026-03-28 02:30 +0100", "2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200"]
        ),
        (
            "30 2 * * *", "Europe/Zurich", "2026-10-24T00:00:00Z",
            ["2026-10-24 02:30 +0200", "2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"]
        ),
        (
            "*/20 2 * * *", "Europe/Zurich", "2026-03-28T01:30:00Z",
            ["2026-03-28 02:40 +0100", "2026-03-29 03:00 +0200", "2026-03-30 02:00 +0200"]
        ),
        (
            "15 2 * * *", "Australia/Lord_Howe", "2026-10-02T12:00:00Z",
            ["2026-10-03 02:15 +1030", "2026-10-04 02:30 +1100", "2026-10-05 02:15 +1100"]
        ),
        (
            "45 1 * * *", "Australia/Lord_Howe", "2026-04-03T12:00:00Z",
            ["2026-04-04 01:45 +1100", "2026-04-05 01:45 +1100", "2026-04-06 01:45 +1030"]
        ),
        // Clocks changed at midnight.
        (
            "30 0 * * *", "America/Sao_Paulo", "2018-11-03T00:00:00Z",
            ["2018-11-03 00:30 -0300", "2018-11-04 01:00 -0200", "2018-11-05 00:30 -0200"]
        ),
        // A whole day was left out.
        (
            "0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z",
            ["2011-12-29 12:00 -1000", "2011-12-31 00:00 +1400", "2011-12-31 12:00 +1400"]
        ),
    ])
    func timesOfADayComeOnce(_ cron: String, _ zone: String, _ start: String, _ expected: [String]) throws {
        #expect(try times(cron, zone, after: start, expected.count) == expected)
    }

    /// A rhythm goes on.
    @Test func everyHourIsEveryHour() throws {
        #expect(
            try times("0 * * * *", "Europe/Zurich", after: "2026-10-24T23:30:00Z", 4)
                == [
                    "2026-10-25 02:00 +0200", "2026-10-25 02:00 +0100", "2026-10-25 03:00 +0100",
                    "2026-10-25 04:00 +0100",
                ])
        #expect(
            try times("0 * * * *", "Europe/Zurich", after: "2026-03-28T23:30:00Z", 3)
                == ["2026-03-29 01:00 +0100", "2026-03-29 03:00 +0200", "2026-03-29 04:00 +0200"])
    }

    /// The earliest of several counts, and one that two name comes once.
    @Test func severalExpressionsAreOneSchedule() throws {
        let schedule = Schedule([try CronExpression("0 6 * * *"), try CronExpression("0 */4 * * *")])
        var time = WallTime(nanoseconds: 0)
        let hours = (0..<8).compactMap { _ -> Int64? in
            guard let next = schedule.next(after: time) else { return nil }
            time = next
            return next.nanoseconds / 3_600_000_000_000
        }
        #expect(hours == [4, 6, 8, 12, 16, 20, 24, 28])
    }

    @Test(arguments: ["* * * * * * *", "0 4 * * *", "15 * * * *", "0 0 1 1 *"])
    func theNewestMissedTimeIsFound(_ cron: String) throws {
        let schedule = Schedule([try CronExpression(cron)], in: try Self.zone("Europe/Zurich"))
        let start = WallTime(nanoseconds: 1_760_000_000_000_000_000)
        for days in [0.001, 0.3, 2, 40, 500] {
            let end = start + .seconds(days * 86_400)
            let latest = schedule.latest(after: start, notAfter: end)
            if let latest {
                #expect(latest > start && latest <= end)
                #expect(schedule.next(after: latest).map { $0 > end } ?? true)
                #expect(schedule.next(after: latest + .seconds(-1)) == latest)
            } else {
                #expect(schedule.next(after: start).map { $0 > end } ?? true)
            }
        }
    }

    // MARK: - Beside a slow reading

    /// Fields drawn by chance, as text and as what the text means.
    private struct Drawn {
        var text = ""
        var minutes: Set<Int> = []
        var hours: Set<Int> = []
        var days: Set<Int>?
        var months: Set<Int> = []
        var weekdays: Set<Int>?

        init(_ entropy: inout Entropy) {
            func field(_ range: ClosedRange<Int>, _ anyOf: Int) -> (String, Set<Int>) {
                if entropy.below(anyOf) == 0 { return ("*", Set(range)) }
                let (first, last) = (range.lowerBound, range.upperBound)
                let start = first + entropy.below(last - first + 1)
                let end = start + entropy.below(last - start + 1)
                let step = 1 + entropy.below(7)
                switch entropy.below(3) {
                case 0: return ("\(start)", [start])
                case 1: return ("\(start)-\(end)/\(step)", Set(stride(from: start, through: end, by: step)))
                default: return ("\(start),\(end)", [start, end])
                }
            }
            // Clocks are changed at night, mostly: half of the draws name hours of it, on any day.
            let isNightly = entropy.below(2) == 0
            let (minute, hour) = (field(0...59, 3), isNightly ? field(0...3, .max) : field(0...23, 2))
            let (day, month) = isNightly ? (field(1...31, 1), field(1...12, 1)) : (field(1...31, 2), field(1...12, 2))
            let weekday = isNightly ? field(0...6, 1) : field(0...6, 2)
            text = "\(minute.0) \(hour.0) \(day.0) \(month.0) \(weekday.0)"
            (minutes, hours, months) = (minute.1, hour.1, month.1)
            days = day.0 == "*" ? nil : day.1
            weekdays = weekday.0 == "*" ? nil : weekday.1
        }

        func names(_ local: Int, _ calendar: Calendar) -> Bool {
            guard local % 60 == 0 else { return false }
            guard minutes.contains(local / 60 % 60), hours.contains(local / 3600 % 24) else { return false }
            let parts = calendar.dateComponents(
                [.day, .month, .weekday], from: Date(timeIntervalSince1970: TimeInterval(local)))
            guard let day = parts.day, let month = parts.month, let weekday = parts.weekday, months.contains(month)
            else {
                return false
            }
            if days == nil, weekdays == nil { return true }
            return days?.contains(day) == true || weekdays?.contains(weekday - 1) == true
        }
    }

    /// Second by second, as the rules say it: what the clock shows now, unless it has shown it before; and at a change
    /// forward, what it will never show.
    private static func slowly(
        _ drawn: Drawn, _ zone: TimeZone, _ range: Range<Int>, _ calendar: Calendar
    ) -> [Int] {
        var found: [Int] = []
        var before =
            range.lowerBound - 1
            + zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(range.lowerBound - 1)))
        var furthest = before
        let isHourly = drawn.hours.count == 24
        for time in range {
            let local = time + zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(time)))
            var isNamed = drawn.names(local, calendar) && (isHourly || local > furthest)
            if !isHourly, local > before + 1 {
                isNamed = isNamed || (before + 1..<local).contains { drawn.names($0, calendar) }
            }
            if isNamed { found.append(time) }
            before = local
            furthest = max(furthest, local)
        }
        return found
    }

    @Test(arguments: ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"])
    func agreesWithASlowReading(_ name: String) throws {
        let rules = try Self.zone(name)
        let zone = try #require(TimeZone(identifier: name))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var entropy = Entropy(seed: 11)
        // Around changes of the clock, and somewhere between.
        let changes = rules.changes.map(\.start).filter { (1_200_000_000..<4_000_000_000).contains($0) }
        for round in 0..<60 {
            let drawn = Drawn(&entropy)
            let schedule = Schedule([try CronExpression(drawn.text)], in: rules)
            let center =
                round % 4 == 0 ? 1_500_000_000 + entropy.below(1_000_000_000) : changes[entropy.below(changes.count)]
            let range = center - 5000..<center + 5000
            let expected = Self.slowly(drawn, zone, range, calendar)
            var found: [Int] = []
            var time = WallTime(nanoseconds: Int64(range.lowerBound - 1) * 1_000_000_000)
            while let next = schedule.next(after: time), next.nanoseconds < Int64(range.upperBound) * 1_000_000_000 {
                found.append(Int(next.nanoseconds / 1_000_000_000))
                time = next
            }
            #expect(found == expected, "\(drawn.text) in \(name) around \(center)")
        }
    }

    // MARK: - Zones

    @Test(arguments: ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"])
    func offsetsAreThoseThatOthersKnow(_ name: String) throws {
        let rules = try Self.zone(name)
        let zone = try #require(TimeZone(identifier: name))
        for time in stride(from: 0, to: 2_140_000_000, by: 86_400 * 3 + 1777) {
            let known = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(time)))
            #expect(rules.offset(of: rules.stretch(at: time)) == known, "\(name) at \(time)")
        }
    }

    /// Rules for years to come are as the last line of a file states them.
    @Test func changesGoOnForYears() throws {
        let rules = try Self.zone("Europe/Zurich")
        let spring = CalendarDay(year: 2098, month: 3, day: 30).daysSince1970 * 86_400 + 3600
        #expect(rules.offset(of: rules.stretch(at: spring - 1)) == 3600, "the last Sunday of March is the 30th")
        #expect(rules.offset(of: rules.stretch(at: spring)) == 7200)
    }

    @Test(arguments: ["", "Nowhere/Land", "../passwd", "Europe", "/etc/passwd", "Europe/Zurich\u{0}", ".", "Local"])
    func refusesWhatIsNoZone(_ name: String) {
        #expect(throws: ClusterError.self) { try Self.zone(name) }
    }

    /// A zone file of version 2: an hour ahead from a moment on, and then by a rule.
    private static func file(changingAt time: Int, then rule: String) -> [UInt8] {
        func number(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        func head(times: Int, types: Int) -> [UInt8] {
            Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
                + [0, 0, 0, times, types, 4].flatMap { number($0, 4) }
        }
        let (universal, letters) = ([UInt8](repeating: 0, count: 6), Array("ZZZ\0".utf8))
        var bytes = head(times: 0, types: 1) + universal + letters
        bytes += head(times: 1, types: 2)
        bytes += number(time, 8) + [1]
        bytes += universal
        bytes += number(3600, 4) + [0, 0]
        return bytes + letters + Array("\n\(rule)\n".utf8)
    }

    /// Those of a file go on for longer than any schedule.
    @Test(arguments: [2040, 2099, 2100, 2101, 2999, 60_000])
    func changesMayLieBeyondAllYears(_ year: Int) throws {
        let start = CalendarDay(year: year, month: 7, day: 1).daysSince1970 * 86_400
        let rules = try TimeZoneRules(file: Self.file(changingAt: start, then: "CET-1CEST,M3.5.0,M10.5.0/3"))
        #expect(rules.offset(of: rules.stretch(at: start - 1)) == 0)
        #expect(rules.offset(of: rules.stretch(at: start)) == 3600)
        let summer = CalendarDay(year: 2100, month: 7, day: 1).daysSince1970 * 86_400
        #expect(rules.offset(of: rules.stretch(at: summer)) == (year < 2100 ? 7200 : year == 2100 ? 3600 : 0))
        let schedule = Schedule([try CronExpression("30 2 * * *")], in: rules)
        #expect(schedule.next(after: WallTime(nanoseconds: 0)) == WallTime(nanoseconds: 9_000_000_000_000))
    }

    /// A summer begins at the moment at which that of the year before ends, or sooner.
    @Test(arguments: ["EST5EDT,0/0,J365/25", "AAA0BBB,J1/-167,J365/167"])
    func rulesMayReachIntoOtherYears(_ rule: String) throws {
        let rules = try #require(TimeZoneRules(posix: rule))
        let starts = rules.changes.map(\.start)
        #expect(!starts.isEmpty && zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 })
        let winter = CalendarDay(year: 2030, month: 12, day: 1).daysSince1970 * 86_400
        #expect(rules.offset(of: rules.stretch(at: winter)) == rules.initialOffset + 3600, "its summer never ends")
    }

    /// Broken files are refused or read, and never end the process.
    @Test func brokenFilesDoNoHarm() throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Zurich")))
        for length in stride(from: 0, to: bytes.count, by: 13) {
            _ = try? TimeZoneRules(file: Array(bytes.prefix(length)))
        }
        #expect(throws: ClusterError.self) { try TimeZoneRules(file: Array(bytes.prefix(100))) }
        var entropy = Entropy(seed: 3)
        for _ in 0..<2000 {
            var broken = bytes
            for _ in 0...entropy.below(6) { broken[entropy.below(broken.count)] = UInt8(entropy.below(256)) }
            guard let rules = try? TimeZoneRules(file: broken) else { continue }
            _ = Schedule([try CronExpression("30 2 * * *")], in: rules).next(after: WallTime(nanoseconds: .max / 2))
        }
    }
}
