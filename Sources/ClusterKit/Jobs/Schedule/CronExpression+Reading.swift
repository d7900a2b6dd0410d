extension CronExpression {
    /// Reads an expression of five to seven fields, or a word like `@daily`.
    ///
    /// - Throws: `.invalid`, with the field that is wrong and what it may be.
    package init(_ text: String) throws(ClusterError) {
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map { $0.lowercased() }
        guard let first = words.first else {
            throw Self.mistake(text, "is empty; write five fields, as in \"0 4 * * *\"")
        }
        var fields = words
        if first.hasPrefix("@") {
            guard words.count == 1, let meaning = Self.words[first] else {
                throw Self.mistake(
                    text, "is no time; the words are \(Self.words.keys.sorted().joined(separator: ", "))")
            }
            fields = meaning.split(separator: " ").map(String.init)
        }
        guard (5...7).contains(fields.count) else {
            throw Self.mistake(
                text,
                "has \(fields.count) fields; it needs five (minute, hour, day of month, month, day of week), six with "
                    + "the year behind, or seven with the second in front as well")
        }
        self.init()
        do {
            if fields.count == 7 { seconds = try CronField.second.bits(of: fields.removeFirst()) }
            minutes = try CronField.minute.bits(of: fields[0])
            hours = try CronField.hour.bits(of: fields[1])
            monthDays = try Self.monthDays(fields[2])
            months = try CronField.month.bits(of: fields[3])
            weekDays = try Self.weekDays(fields[4])
            if fields.count == 6 {
                let named = Set(try CronField.year.numbers(of: fields[5]))
                yearSet = Self.years.map(named.contains)
            }
        } catch {
            throw Self.mistake(text, error.reason)
        }
    }

    private static let words = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func mistake(_ text: String, _ reason: String) -> ClusterError {
        ClusterError(.invalid, "cron \"\(text)\" \(reason)")
    }

    private static func monthDays(_ field: String) throws(CronMistake) -> MonthDays? {
        guard field != "*", field != "?" else { return nil }
        var found = MonthDays()
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            switch part {
            case "l": found.last = true
            case "lw", "wl": found.lastWorkday = true
            case _ where part.hasSuffix("w"):
                found.workdays |= 1 << UInt64(try CronField.monthDay.number(part.dropLast()))
            default: for day in try CronField.monthDay.numbers(ofPart: part) { found.days |= 1 << UInt64(day) }
            }
        }
        return found
    }

    private static func weekDays(_ field: String) throws(CronMistake) -> WeekDays? {
        guard field != "*", field != "?" else { return nil }
        var found = WeekDays()
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "#", omittingEmptySubsequences: false)
            if halves.count == 2 {
                let day = try CronField.weekDay.number(halves[0]) % 7
                guard let place = Int(halves[1]), (1...5).contains(place) else {
                    throw CronMistake(
                        "names \"\(part)\" as day of week: a month has at most five of each, write #1 to #5")
                }
                found.nth |= 1 << UInt64(7 * (place - 1) + day)
            } else if part.count > 1, part.hasSuffix("l") {
                found.last |= 1 << UInt64(try CronField.weekDay.number(part.dropLast()) % 7)
            } else {
                for day in try CronField.weekDay.numbers(ofPart: part) { found.days |= 1 << UInt64(day % 7) }
            }
        }
        return found
    }
}

/// What is wrong with a field.
struct CronMistake: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// One kind of field: which numbers it takes, and which names stand for them.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// Names, the first for the lowest number; a number may be written by the first three letters.
    var names: [String] = []

    static let second = CronField(name: "second", range: 0...59)
    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let monthDay = CronField(name: "day of month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december",
        ])
    static let weekDay = CronField(
        name: "day of week", range: 0...7,
        names: ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"])
    static let year = CronField(name: "year", range: CronExpression.years)

    /// The bits of all numbers that a field names.
    func bits(of field: String) throws(CronMistake) -> UInt64 {
        var bits: UInt64 = 0
        for number in try numbers(of: field) { bits |= 1 << UInt64(number) }
        return bits
    }

    /// All numbers that a field names.
    func numbers(of field: String) throws(CronMistake) -> [Int] {
        var numbers: [Int] = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            numbers += try self.numbers(ofPart: part)
        }
        return numbers
    }

    /// The numbers of one part: `*`, a number, a range, each with a step or without.
    func numbers(ofPart part: Substring) throws(CronMistake) -> [Int] {
        let halves = part.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = halves.first, halves.count <= 2 else { throw wrong(part) }
        var step = 1
        if halves.count == 2 {
            guard let number = Int(halves[1]), number > 0, number <= range.upperBound else {
                throw CronMistake(
                    "steps by \"\(halves[1])\" in its \(name); a step is a number from 1 to \(range.upperBound)")
            }
            step = number
        }
        if base == "*" || base == "?" {
            return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        let ends = base.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw wrong(part) }
        let first = try number(ends[0])
        guard ends.count == 2 else {
            return halves.count == 2 ? Array(stride(from: first, through: range.upperBound, by: step)) : [first]
        }
        let last = try number(ends[1])
        guard first <= last else {
            throw CronMistake("has the range \"\(base)\" in its \(name), which ends before it begins; write it as two")
        }
        return Array(stride(from: first, through: last, by: step))
    }

    /// The number that a word stands for.
    func number(_ word: Substring) throws(CronMistake) -> Int {
        if let place = names.firstIndex(where: { $0 == word || $0.prefix(3) == word }) {
            return range.lowerBound + place
        }
        guard !word.isEmpty, word.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(word),
            range.contains(number)
        else { throw wrong(word) }
        return number
    }

    private func wrong(_ word: Substring) -> CronMistake {
        let names = names.isEmpty ? "" : ", or a name like \(self.names[0].prefix(3))"
        return CronMistake(
            "names \"\(word)\" as \(name); that is a number from \(range.lowerBound) to \(range.upperBound)\(names)")
    }
}
