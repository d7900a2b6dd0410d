import Patterns
import Testing

@Suite struct PatternTests {
    @Test func groupsAreFoundByNumberAndName() throws {
        let pattern = try Pattern(#"(?P<user>\w+)@(?<host>[\w.]+)(:\d+)?"#)
        #expect(pattern.groupNames == ["user", "host", nil])
        let match = try #require(pattern.firstMatch(in: "to änn@example.org."))
        #expect(match.content == "nn@example.org.")
        #expect(match["user"] == "nn" && match["host"] == "example.org." && match["port"] == nil)
        #expect(match[0] == match.content && match[1] == "nn" && match[3] == nil && match[4] == nil && match[-1] == nil)
        #expect(match.offsets(of: 2) == 8..<20)
        #expect(match.range(of: 2).map { match.text[$0] } == "example.org.")
        #expect(match.groupCount == 3)
    }

    @Test func patternsAreEqualByTheirText() throws {
        let (one, other) = (try Pattern("a|b"), try Pattern("[ab]"))
        #expect(one == (try Pattern("a|b")) && one != other)
        #expect(Set([one, other, try Pattern("a|b")]).count == 2)
        #expect(one.text == "a|b" && "\(one)" == "a|b")
    }

    @Test func substringsAreSearchedByThemselves() throws {
        let text = "xaby"
        #expect(try Pattern("^ab$").matches(text.dropFirst().dropLast()))
        #expect(try Pattern("^ab$").matchesWhole(text.dropFirst().dropLast()))
        #expect(try !Pattern("x").matches(text.dropFirst()))
    }

    /// Bytes from the network may be anything.
    @Test(
        arguments: [
            (".", [0xFF], true), (#"\x{FFFD}"#, [0xFF], true), ("^..$", [0xC3, 0x28], true),
            ("^.$", [0xC3, 0xA9], true),
            ("^.{3}$", [0xE2, 0x82, 0x41], true), ("^.{3}$", [0xED, 0xA0, 0x80], true),
            ("^.{4}$", [0xF5, 0x80, 0x80, 0x80], true),
            ("^.{2}$", [0xC0, 0x80], true), ("é", [0xC3], false), ("^.$", [0xF4, 0x8F, 0xBF, 0xBF], true),
            (#"\w$"#, [0xFF, 0x61], true),
            ("^.{4}$", [0xF0, 0x80, 0x80, 0x80], true), (#"a\b"#, [0x61, 0x80], true),
            ("^.{4}$", [0xF4, 0x90, 0x80, 0x80], true),
        ] as [(String, [UInt8], Bool)])
    func illFormedBytesCountAsReplacements(_ pattern: String, _ bytes: [UInt8], _ expected: Bool) throws {
        let pattern = try Pattern(pattern)
        #expect(bytes.withUnsafeBufferPointer { pattern.matches(utf8: $0) } == expected)
    }

    /// Nothing is shared that changes: all see the same, also where rows of the table are made while matching.
    @Test func severalThreadsMayMatchAtATime() async throws {
        let pattern = try Pattern("(a|b)*a(a|b){12}c")
        let texts = (0..<64).map { number in
            (0..<200).map { (number * 31 + $0 * $0) % 7 < 3 ? "a" : "b" }.joined()
                + (number.isMultiple(of: 2) ? "c" : "")
        }
        let alone = texts.map { pattern.matches($0) }
        #expect(Set(alone) == [true, false])
        let together = await withTaskGroup(of: [Bool].self) { group in
            for _ in 0..<8 { group.addTask { texts.map { pattern.matches($0) } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together == Array(repeating: alone, count: 8))
    }

    /// A text that is kept in blocks gives the same as one that is not.
    @Test(arguments: ["é", "ab", "(é|b)+c", #"\bx"#, "(?m)^a.*$"])
    func longTextsAreFoundWhole(_ pattern: String) throws {
        let unit = "abéc éx\nab語bc "
        let count = 20_000
        let size = unit.utf8.count
        let pattern = try Pattern(pattern)
        // The unit ends with a space and begins with a letter, so each copy matches as the second of three does.
        let middle = pattern.matches(in: unit * 3).compactMap { $0.offsets() }
            .filter { (size..<2 * size).contains($0.lowerBound) }.map { $0.lowerBound - size..<$0.upperBound - size }
        let expected = (1..<count).flatMap { copy in
            middle.map { $0.lowerBound + copy * size..<$0.upperBound + copy * size }
        }
        let found = pattern.matches(in: unit * count).compactMap { $0.offsets() }.filter { $0.lowerBound >= size }
        #expect(found.dropLast(2).elementsEqual(expected.prefix(found.count - 2)))
        #expect(abs(found.count - expected.count) <= 1 && !middle.isEmpty)
    }
}
