import ClusterKit
import Testing

@Suite struct CommaTableTests {
    private func table(_ text: String, lastHasCommas: Bool = false) throws -> [[String]] {
        try CommaTable(text, of: "list.csv", header: ["name", "count"], lastHasCommas: lastHasCommas).rows.map(\.values)
    }

    private func mistake(_ text: String, _ read: (CommaTable) throws -> Void = { _ in }) -> String {
        do {
            try read(try CommaTable(text, of: "list.csv", header: ["name", "count"]))
            return ""
        } catch {
            return (error as? ClusterError)?.message ?? "\(error)"
        }
    }

    @Test(arguments: [
        "name,count\na,1\nb,2\n", "name,count\r\na,1\r\nb,2", "\u{FEFF}name,count\r\na,1\r\n\r\nb,2\r\n",
        "name , count\n\n a, 1\n\t\nb,2\n\n", "name,count\ra,1\rb,2",
    ])
    func linesEndInAnyWay(text: String) throws { #expect(try table(text) == [["a", "1"], ["b", "2"]]) }

    @Test func onlyTheLastColumnMayHaveCommas() throws {
        #expect(try table("name,count\na,1,2", lastHasCommas: true) == [["a", "1,2"]])
        #expect(mistake("name,count\na,1,2") == "list.csv, line 2: 2 columns are wanted, there are 3.")
    }

    /// Lines keep the numbers that an editor shows.
    @Test func emptyLinesCount() {
        let numbers = { (table: CommaTable) in
            for row in table.rows { _ = try row.number(1, upTo: 9) }
        }
        let says = { (line: Int, text: String) in
            "list.csv, line \(line): count must be a whole number from 0 to 9, it is \"\(text)\"."
        }
        #expect(mistake("name,count\n\n\na,10\n", numbers) == says(4, "10"))
        #expect(mistake("name,count\r\n\r\na,-1", numbers) == says(3, "-1"))
        #expect(mistake("name,count\na,", numbers) == says(2, ""))
        #expect(mistake("name,count\na,99999999999999999999", numbers) == says(2, "99999999999999999999"))
        #expect(mistake("name,count\na,9\nb,0", numbers) == "")
        #expect(mistake("name,count\n\nb") == "list.csv, line 3: 2 columns are wanted, there are 1.")
    }

    @Test func headersAndContentsAreWanted() {
        #expect(mistake("") == "list.csv, line 1: the header must be name,count.")
        #expect(mistake("count,name\na,1") == "list.csv, line 1: the header must be name,count.")
        #expect(mistake("\nname,count\na,1") == "list.csv, line 1: the header must be name,count.")
        #expect(mistake("name,count\r\n\r\n") == "list.csv: there is nothing below the header.")
    }
}
