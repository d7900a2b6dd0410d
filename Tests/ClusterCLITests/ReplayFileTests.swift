import ClusterKit
import Testing

@testable import ClusterCLI

@Suite struct ReplayFileTests {
    private func rows(_ text: String) throws -> [ReplayFile.Row] { try ReplayFile.rows(of: text, "day.csv") }

    @Test func rowsOfEverySystemAreRead() throws {
        let wanted = [
            ReplayFile.Row(after: 0, lasting: 60, file: "a.nomad.hcl"),
            ReplayFile.Row(after: 7200, lasting: nil, file: "b,c.nomad.hcl"),
        ]
        for end in ["\n", "\r\n"] {
            let lines = ["after,lasting,file", "0,60,a.nomad.hcl", "", "7200,,b,c.nomad.hcl", ""]
            #expect(try rows(lines.joined(separator: end)) == wanted)
        }
    }

    @Test(arguments: [
        ("after,file\n1,x", "line 1: the header must be after,lasting,file"),
        ("after,lasting,file\n\nsoon,,x", "line 3: after must be a whole number from 0"),
        ("after,lasting,file\n1,-5,x", "line 2: lasting must be a whole number from 0"),
        ("after,lasting,file\n1,5,", "line 2: the job file is missing"),
        ("after,lasting,file\n99999999999,5,x", "line 2: after must be a whole number from 0 to 31622400"),
        ("after,lasting,file\n1,5", "line 2: 3 columns are wanted, there are 2"),
    ])
    func mistakesAreShownWithTheirLine(text: String, words: String) throws {
        let error = try #require(#expect(throws: ClusterError.self) { try rows(text) })
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func itIsPlayedUntilTheLastComesIn() {
        #expect(ReplayFile.hours(of: []) == 0)
        #expect(ReplayFile.hours(of: [0]) == 1)
        #expect(ReplayFile.hours(of: [7200, 3600]) == 2)
        #expect(ReplayFile.hours(of: [7201, 5]) == 3)
    }
}
