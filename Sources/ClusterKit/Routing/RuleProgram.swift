import Patterns

/// Rules made ready for asking: a flat list of tests, each of which says where to go on when it holds and when not.
///
/// All rules of a table stand in one, so that a lookup walks over contiguous memory and makes nothing new. A test
/// always leads to an earlier place of the list, so every walk comes to its end.
struct RuleProgram: Sendable {
    /// Where a rule begins, and where a test leads to.
    typealias Place = Int32

    enum Kind: UInt8, Sendable {
        case host
        case wholePath
        case pathPrefix
        case method
        case header
        case query
        case client
        case hostPattern
        case pathPattern
        case headerPattern
        case queryPattern
    }

    struct Test: Sendable {
        var kind: Kind
        /// Where to go on when it holds.
        var yes: Place
        /// Where to go on when it does not.
        var no: Place
        /// The name in the literals, empty for most; for a client, the number of its range.
        var start: Int32
        /// Where the name ends and the value begins.
        var middle: Int32
        /// Where the value ends; for a pattern, its number.
        var end: Int32
    }

    static let accepted: Place = -1
    static let refused: Place = -2

    private var tests: [Test] = []
    private var literals: [UInt8] = []
    private var ranges: [AddressRange] = []
    private var patterns: [Pattern] = []

    /// Adds a rule and gives where it begins.
    mutating func add(_ condition: RouteCondition) -> Place {
        add(condition, yes: Self.accepted, no: Self.refused)
    }

    /// From the last to the first, so that what a test leads to is there already.
    private mutating func add(_ condition: RouteCondition, yes: Place, no: Place) -> Place {
        switch condition {
        case .all(let list): list.reversed().reduce(yes) { add($1, yes: $0, no: no) }
        case .any(let list): list.reversed().reduce(no) { add($1, yes: yes, no: $0) }
        case .not(let inner): add(inner, yes: no, no: yes)
        case .host(let name): add(.host, value: name, yes: yes, no: no)
        case .path(let path):
            add(path.kind == .whole ? .wholePath : .pathPrefix, value: path.bytes, yes: yes, no: no)
        case .method(let method): add(.method, value: method, yes: yes, no: no)
        case .header(let name, let value): add(.header, name: name, value: value, yes: yes, no: no)
        case .query(let name, let value): add(.query, name: name, value: value, yes: yes, no: no)
        case .client(let range): add(range, yes: yes, no: no)
        case .hostPattern(let pattern): add(.hostPattern, pattern, yes: yes, no: no)
        case .pathPattern(let pattern): add(.pathPattern, pattern, yes: yes, no: no)
        case .headerPattern(let name, let pattern): add(.headerPattern, name: name, pattern, yes: yes, no: no)
        case .queryPattern(let name, let pattern): add(.queryPattern, name: name, pattern, yes: yes, no: no)
        }
    }

    private mutating func add(
        _ kind: Kind, name: [UInt8] = [], _ pattern: Pattern, yes: Place, no: Place
    ) -> Place {
        let place = add(kind, name: name, value: [], yes: yes, no: no)
        tests[tests.count - 1].end = Int32(truncatingIfNeeded: patterns.count)
        patterns.append(pattern)
        return place
    }

    private mutating func add(
        _ kind: Kind, name: [UInt8] = [], value: [UInt8], yes: Place, no: Place
    ) -> Place {
        let start = literals.count
        literals += name
        literals += value
        tests.append(
            Test(
                kind: kind, yes: yes, no: no, start: Int32(truncatingIfNeeded: start),
                middle: Int32(truncatingIfNeeded: start + name.count), end: Int32(truncatingIfNeeded: literals.count)))
        return Place(truncatingIfNeeded: tests.count - 1)
    }

    private mutating func add(_ range: AddressRange, yes: Place, no: Place) -> Place {
        ranges.append(range)
        let number = Int32(truncatingIfNeeded: ranges.count - 1)
        tests.append(Test(kind: .client, yes: yes, no: no, start: number, middle: number, end: number))
        return Place(truncatingIfNeeded: tests.count - 1)
    }

    /// Whether a rule holds for a request.
    func accepts(_ head: borrowing RequestHead, from entry: Place) -> Bool {
        HeadView.with(head) { view in run { $0.accepts(view, from: entry) } } ?? false
    }

    /// Opens the lists once for many questions.
    func run<Result>(_ body: (Runner) -> Result) -> Result {
        tests.withUnsafeBufferPointer { tests in
            literals.withUnsafeBufferPointer { literals in
                ranges.withUnsafeBufferPointer { ranges in
                    patterns.withUnsafeBufferPointer { patterns in
                        body(Runner(tests: tests, literals: literals, ranges: ranges, patterns: patterns))
                    }
                }
            }
        }
    }

    /// The program while its lists are open. It may not leave the closure that it is given to.
    struct Runner {
        fileprivate let tests: UnsafeBufferPointer<Test>
        fileprivate let literals: UnsafeBufferPointer<UInt8>
        fileprivate let ranges: UnsafeBufferPointer<AddressRange>
        fileprivate let patterns: UnsafeBufferPointer<Pattern>

        func accepts(_ head: HeadView, from entry: Place) -> Bool {
            var place = entry
            while place >= 0 {
                let test = tests[Int(place)]
                place = holds(test, head) ? test.yes : test.no
            }
            return place == RuleProgram.accepted
        }

        private func holds(_ test: Test, _ head: HeadView) -> Bool {
            switch test.kind {
            case .host: head.host.isEqual(to: value(test))
            case .wholePath: head.path.isEqual(to: value(test))
            case .pathPrefix: PathPattern.matches(value(test), .prefix, head.path)
            case .method: head.method.isEqual(to: value(test))
            case .header: head.hasField(name(test), value(test))
            case .query: head.hasParameter(name(test), value(test))
            case .client: ranges[Int(test.start)].contains(head.client)
            case .hostPattern: patterns[Int(test.end)].matches(utf8: head.host)
            case .pathPattern: patterns[Int(test.end)].matches(utf8: head.path)
            case .headerPattern: head.hasField(name(test), matching: patterns[Int(test.end)])
            case .queryPattern: head.hasParameter(name(test), matching: patterns[Int(test.end)])
            }
        }

        private func name(_ test: Test) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(rebasing: literals[Int(test.start)..<Int(test.middle)])
        }

        private func value(_ test: Test) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(rebasing: literals[Int(test.middle)..<Int(test.end)])
        }
    }
}
