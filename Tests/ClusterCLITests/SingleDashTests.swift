import Testing

@testable import ClusterCLI

@Suite struct SingleDashTests {
    @Test(arguments: [
        (["job", "status", "-json", "web"], ["job", "status", "--json", "web"]),
        (["-address=http://a:1", "-purge"], ["--address=http://a:1", "--purge"]),
        (["-address", "-odd", "-json"], ["--address", "-odd", "--json"]),
        (["-var", "-a=b", "-detach"], ["--var", "-a=b", "--detach"]),
        (["-var=x=y"], ["--var=x=y"]),
        (["--var", "-z=1"], ["--var", "-z=1"]),
        (["-f", "-n", "5", "-stderr"], ["-f", "-n", "5", "--stderr"]),
        (["-n=5"], ["-n=5"]),
        (["-n5"], ["-n=5"]),
        (["-json=true", "-verbose=false", "-tail=1"], ["--json", "--tail"]),
        (["run", "-", "-output"], ["run", "-", "--output"]),
        (["-json", "--", "-json", "-x"], ["--json", "--", "-json", "-x"]),
        (["-5", "a-json"], ["-5", "a-json"]),
    ])
    func rewrites(_ given: [String], _ wanted: [String]) { #expect(SingleDash.rewritten(given) == wanted) }

    @Test func everyFormIsAccepted() throws {
        let arguments = SingleDash.rewritten([
            "job", "run", "-check-index", "7", "-var", "a=b", "-var=c=d", "-json", "x",
        ])
        let run = try #require(try ClusterCommand.parseAsRoot(arguments) as? JobRun)
        #expect(run.checkIndex == 7)
        #expect(run.variables == ["a=b", "c=d"])
        #expect(run.connection.json)
        #expect(run.file == "x")
    }

    @Test func logsTakeNumbersInEveryForm() throws {
        for form in [["-n", "5"], ["-n=5"], ["-n5"]] {
            let logs = try ClusterCommand.parseAsRoot(SingleDash.rewritten(["alloc", "logs"] + form + ["ab"]))
            #expect((logs as? AllocLogs)?.lines == 5)
        }
    }

    @Test func misspelledFlagsAreAnsweredWithASuggestion() throws {
        let error = #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(["job", "status", "-jsn"]))
        }
        #expect(ClusterCommand.fullMessage(for: try #require(error)).contains("--json"))
    }
}
