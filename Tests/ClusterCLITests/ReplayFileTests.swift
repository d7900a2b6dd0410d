import ClusterClient
import ClusterKit
import Testing

@testable import ClusterCLI

@Suite struct ReplayFileTests {
    private static let rows = [
        ReplayFile.Row(after: 0, lasting: 60, file: "a.hcl"),
        ReplayFile.Row(after: 3600, lasting: nil, file: "folder, with a comma/b.hcl"),
    ]

    /// Line ends and marks as editors and spreadsheets write them; the last line may have no end.
    @Test(arguments: ["\n", "\r\n", "\r"], ["", "\u{FEFF}"])
    func rowsAreRead(end: String, mark: String) throws {
        let lines = ["after,lasting,file", "0,60,a.hcl", "", "3600,,folder, with a comma/b.hcl"]
        let text = mark + lines.joined(separator: end)
        #expect(try ReplayFile.rows(of: text, "day.csv") == Self.rows)
        #expect(try ReplayFile.rows(of: text + end + end + "  " + end, "day.csv") == Self.rows)
    }

    /// Lines are counted as editors count them, empty ones included.
    @Test(arguments: [
        ("", "day.csv, line 1: the header must be after,lasting,file."),
        ("0,60,a.hcl\n", "day.csv, line 1: the header must be after,lasting,file."),
        ("after,file\n1,x", "day.csv, line 1: the header must be after,lasting,file."),
        ("after,lasting,file\n", "day.csv: there is nothing below the header."),
        ("after,lasting,file\n\n\nx,60,a.hcl", "day.csv, line 4: after must be a whole number from 0"),
        ("after,lasting,file\r\n\r\n1,soon,a.hcl", "day.csv, line 3: lasting must be a whole number from 0"),
        ("after,lasting,file\n1,60", "day.csv, line 2: 3 columns are wanted, there are 2."),
        ("after,lasting,file\n1,60,", "day.csv, line 2: the job file is missing."),
        ("after,lasting,file\n-1,60,a.hcl", "day.csv, line 2: after must be a whole number from 0"),
        ("after,lasting,file\n31622401,60,a.hcl", "from 0 to 31622400, it is \"31622401\""),
        ("after,lasting,file\n1,-60,a.hcl", "day.csv, line 2: lasting must be a whole number from 0"),
        ("after,lasting,file\n1,9223372036854775808,a.hcl", "lasting must be a whole number from 0 to 31622400"),
    ])
    func mistakesAreNamedWithTheirLine(text: String, message: String) {
        let error = #expect(throws: ClusterError.self) { try ReplayFile.rows(of: text, "day.csv") }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            ([], 0), ([(0, nil)], 1), ([(0, 3600)], 1), ([(0, 3601)], 2), ([(7200, 60), (10, nil)], 3),
            ([(31_622_400, 31_622_400)], 8784),
        ] as [([(Int, Int?)], Int)])
    func soMuchTimePassesThatAllComesInAndRuns(times: [(Int, Int?)], hours: Int) {
        let submissions = times.map { PlannedSubmission(after: $0.0, lasting: $0.1, document: []) }
        #expect(ReplayFile.hours(of: submissions) == hours)
    }
}
