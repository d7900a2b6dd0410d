extension TemplateFunctions {
    static let lists: [String: Entry] = [
        "len": Entry(1...1, length),
        "index": Entry(2...most, index),
        "slice": Entry(1...3, slice),
        "in": Entry(2...2) { arguments throws(TemplateFault) in
            .bool(try holds(arguments[0], arguments[1]))
        },
        "contains": Entry(2...2) { arguments throws(TemplateFault) in
            .bool(try holds(arguments[1], arguments[0]))
        },
        "containsAll": Entry(2...2) { arguments throws(TemplateFault) in
            .bool(try shared(arguments) == (try arguments.list(0).count))
        },
        "containsAny": Entry(2...2) { arguments throws(TemplateFault) in .bool(try shared(arguments) > 0) },
        "containsNone": Entry(2...2) { arguments throws(TemplateFault) in .bool(try shared(arguments) == 0) },
        "loop": Entry(1...2, loop),
        "byKey": Entry(1...1, byKey),
        "byTag": Entry(1...1, byTag),
        "explode": Entry(1...1, explode),
    ]

    private static func length(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        switch arguments[0] {
        case .text(let text): return .integer(text.utf8.count)
        case .list(let values): return .integer(values.count)
        case .map(let values): return .integer(values.count)
        default: throw TemplateFault("\(arguments[0].kindName) has no length")
        }
    }

    /// `index $list 1 "key"` is `$list[1]["key"]`.
    private static func index(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var value = arguments[0]
        for (number, key) in arguments.values.enumerated().dropFirst() {
            let shown = arguments.shown(number, or: "of the number that is computed here")
            switch (value, key) {
            case (.list(let values), .integer(let place)):
                guard values.indices.contains(place) else {
                    throw TemplateFault("there is no element \(shown) in the list")
                }
                value = values[place]
            case (.map(let values), .text(let name)): value = values[name] ?? .nothing
            case (.text(let text), .integer(let place)):
                let bytes = Array(text.utf8)
                guard bytes.indices.contains(place) else {
                    throw TemplateFault("there is no byte \(shown) in the text")
                }
                value = .integer(Int(bytes[place]))
            default: throw TemplateFault("\(value.kindName) cannot be indexed by \(key.kindName)")
            }
        }
        return value
    }

    private static func slice(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        func range(of count: Int) throws(TemplateFault) -> Range<Int> {
            let start = arguments.count > 1 ? try arguments.integer(1) : 0
            let end = arguments.count > 2 ? try arguments.integer(2) : count
            guard 0 <= start, start <= end, end <= count else {
                throw TemplateFault("the start and the end must ascend within the length")
            }
            return start..<end
        }
        switch arguments[0] {
        case .text(let text):
            let bytes = Array(text.utf8)
            return .text(String(decoding: bytes[try range(of: bytes.count)], as: UTF8.self))
        case .list(let values): return .list(Array(values[try range(of: values.count)]))
        default: throw TemplateFault("\(arguments[0].kindName) cannot be cut")
        }
    }

    /// Whether a list holds an element, a map a key, or a text another.
    private static func holds(_ whole: TemplateDatum, _ part: TemplateDatum) throws(TemplateFault) -> Bool {
        switch (whole, part) {
        case (.nothing, _): return false
        case (.list(let values), _): return values.contains { (try? same($0, part)) == true }
        case (.map(let values), .text(let name)): return values[name] != nil
        case (.text(let text), .text(let other)):
            return other.isEmpty || !ByteSearch(Array(other.utf8)).places(in: Array(text.utf8)).isEmpty
        default: throw TemplateFault("\(whole.kindName) does not hold \(part.kindName)")
        }
    }

    /// How many elements of the first list the second holds.
    private static func shared(_ arguments: TemplateArguments) throws(TemplateFault) -> Int {
        let all = Set(try arguments.list(1))
        return try arguments.list(0).count(where: all.contains)
    }

    private static func loop(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        let start = arguments.count > 1 ? try arguments.integer(0) : 0
        let end = try arguments.integer(arguments.count - 1)
        let (count, overflow) = end.subtractingReportingOverflow(start)
        guard !overflow, count <= 100_000 else { throw TemplateFault("counts further than 100000") }
        return .list((0..<max(0, count)).map { .integer(start + $0) })
    }

    private static func pairs(
        _ arguments: TemplateArguments
    ) throws(TemplateFault) -> [(key: String, pair: TemplateDatum, value: TemplateDatum)] {
        var pairs: [(String, TemplateDatum, TemplateDatum)] = []
        for element in try arguments.list(0) {
            guard case .object(_, let fields) = element, case .text(let key)? = fields["Key"] else {
                throw TemplateFault("takes what ls and tree give")
            }
            pairs.append((key, element, fields["Value"] ?? .nothing))
        }
        return pairs
    }

    /// `tree` by the first step of its keys, and by the rest within that.
    private static func byKey(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var groups: [String: [String: TemplateDatum]] = [:]
        for (key, pair, _) in try pairs(arguments) {
            let steps = key.split(separator: "/", maxSplits: 1)
            guard steps.count == 2 else { continue }
            guard case .object(let kind, var fields) = pair else { continue }
            fields["Key"] = .text(String(steps[1]))
            groups[String(steps[0]), default: [:]][String(steps[1])] = .object(kind, fields)
        }
        return .map(groups.mapValues { .map($0) })
    }

    /// Instances of services by their tags.
    private static func byTag(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var groups: [String: [TemplateDatum]] = [:]
        for element in try arguments.list(0) {
            guard case .object(_, let fields) = element, case .list(let tags)? = fields["Tags"] else {
                throw TemplateFault("takes what service and services give")
            }
            for case .text(let tag) in tags { groups[tag, default: []].append(element) }
        }
        return .map(groups.mapValues { .list($0) })
    }

    /// `tree` as maps in maps.
    private static func explode(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var root = TemplateDatum.map([:])
        for (key, _, value) in try pairs(arguments) {
            let steps = key.split(separator: "/").map(String.init)
            guard steps.count <= 32 else { throw TemplateFault("a key has more than 32 steps") }
            try insert(value, at: steps[...], in: &root)
        }
        return root
    }

    private static func insert(
        _ value: TemplateDatum, at steps: ArraySlice<String>, in place: inout TemplateDatum
    ) throws(TemplateFault) {
        guard let first = steps.first else {
            place = value
            return
        }
        guard case .map(var values) = place else { throw TemplateFault("a key is a folder of others as well") }
        place = .nothing
        var inner = values.removeValue(forKey: first) ?? (steps.count > 1 ? .map([:]) : .nothing)
        try insert(value, at: steps.dropFirst(), in: &inner)
        values[first] = inner
        place = .map(values)
    }
}
