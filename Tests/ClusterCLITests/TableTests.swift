import Testing

@testable import ClusterCLI

@Suite struct TableTests {
    @Test func columnsAreAligned() {
        let table = Table(
            header: ["ID", "Status", "Note"], rows: [["web", "running", ""], ["a-long-name", "dead", "x"]])
        #expect(
            table.text == """
                ID           Status   Note
                web          running  <none>
                a-long-name  dead     x
                """)
    }

    @Test func pairsAreAligned() {
        #expect(
            Table.pairs([("ID", "web"), ("Submit Date", ""), ("Type", "service")]) == """
                ID          = web
                Submit Date = <none>
                Type        = service
                """)
    }

    @Test(
        arguments: [
            (0, ""), (1_000_000_000_000, "0s ago"), (995_000_000_000, "5s ago"), (900_000_000_000, "1m40s ago"),
            (1_500_000_000_000, "0s ago"), (Int64.min + 1, ""),
        ] as [(Int64, String)])
    func times(_ time: Int64, _ text: String) { #expect(TimeText.ago(time, now: 1_000_000_000_000) == text) }

    @Test func timesKeepTwoUnits() {
        #expect(TimeText.ago(1, now: (2 * 86_400 + 3 * 3600 + 60) * 1_000_000_000) == "2d3h ago")
        #expect(TimeText.point("2026-01-02T03:04:05.678901Z") == "2026-01-02T03:04:05Z")
        #expect(TimeText.point("0001-01-01T00:00:00Z") == "")
        #expect(TimeText.point(1_767_323_045_000_000_000) == "2026-01-02T03:04:05Z")
    }

    @Test func jsonIsIndentedAndUnchanged() {
        let text = #"{"a":[1,{"b":"x,{\"y\\"}],"c":{},"d":[ ],"e":"\\"}"#
        let wanted = """
            {
                "a": [
                    1,
                    {
                        "b": "x,{\\"y\\\\"
                    }
                ],
                "c": {},
                "d": [],
                "e": "\\\\"
            }

            """
        #expect(String(decoding: JSONText.indented(Array(text.utf8)), as: UTF8.self) == wanted)
        #expect(JSONText.string("a\"b\\c\nd\u{1}") == Array(#""a\"b\\c\nd\u0001""#.utf8))
    }

    @Test func theEndOfALogIsCountedInLines() {
        func length(_ count: Int, _ text: String) -> Int { AllocLogs.length(ofLast: count, in: Array(text.utf8)) }
        #expect(length(1, "one\ntwo\n") == 4)
        #expect(length(1, "one\ntwo") == 3)
        #expect(length(2, "one\ntwo\nthree\n") == 10)
        #expect(length(9, "one\ntwo\n") == 8)
        #expect(length(0, "one\n") == 0)
        #expect(length(3, "") == 0)
    }
}
