import ArgumentParser
import ClusterClient
import ClusterKit
import FoundationEssentials
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
        (["-idempotency-token=0", "-meta=a=f"], ["--idempotency-token=0", "--meta=a=f"]),
        (["-diff=false", "-yes=false", "-diff=true"], ["--no-diff", "--diff"]),
        (["-nonsense=false", "-other=1"], ["--nonsense=false", "--other=1"]),
        (["run", "-", "-output"], ["run", "-", "--output"]),
        (["-json", "--", "-json", "-x"], ["--json", "--", "-json", "-x"]),
        (["-5", "a-json"], ["-5", "a-json"]),
    ])
    func rewrites(_ given: [String], _ wanted: [String]) { #expect(SingleDash.rewritten(given) == wanted) }

    /// The parser's own account of all commands.
    private struct Account: Decodable {
        struct Command: Decodable {
            var arguments: [Argument]?
            var subcommands: [Command]?
            var all: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.all) }
        }

        struct Argument: Decodable {
            struct Name: Decodable { var name: String }

            var kind: String
            var names: [Name]?
        }

        var command: Command
    }

    /// One that is missing would lose values that look like those of a switch: `-token=0`.
    @Test func everyFlagIsKnown() throws {
        let account = try JSONDecoder().decode(Account.self, from: Data(ClusterCommand._dumpHelp().utf8))
        func names(_ kind: String) -> Set<String> {
            Set(account.command.all.filter { $0.kind == kind }.flatMap { $0.names ?? [] }.map(\.name))
        }
        #expect(names("option") == SingleDash.taking)
        #expect(names("flag") == SingleDash.switches)
    }

    @Test(arguments: [["job", "scale", "web", "-1"], ["job", "revert", "-12", "web"]])
    func numbersBelowZeroAreNoFlags(_ given: [String]) throws {
        let error = #expect(throws: ClusterError.self) { try SingleDash.refuseNegative(SingleDash.rewritten(given)) }
        #expect(error?.message.contains("is below zero") == true)
    }

    @Test func numbersBelowZeroStayWhereTheyAreValues() throws {
        try SingleDash.refuseNegative(SingleDash.rewritten(["secret", "put", "-cas", "-1", "a"]))
        try SingleDash.refuseNegative(["claim", "q", "--", "seq", "-1"])
    }

    @Test func aShareBelowZeroIsNoCount() throws {
        for share in ["-1", "-0.5"] {
            let error = #expect(throws: ClusterError.self) {
                try SingleDash.refuseNegative(["queue", "progress", share])
            }
            #expect(error?.message.contains("from 0 to 1") == true)
        }
        #expect(throws: (any Error).self) { try ClusterCommand.parseAsRoot(["queue", "progress", "2"]) }
    }

    /// That a number is invalid says nothing of what is wrong with it.
    @Test(arguments: [
        (["job", "run", "-check-index", "99999999999999999999999", "x"], "the number is too great"),
        (["job", "run", "-check-index", "-1", "x"], "an index is 0 or more"),
        (["job", "run", "-check-index", "one", "x"], "write a whole number"),
        (["alloc", "logs", "-n", "99999999999999999999", "aa"], "the number is too great"),
        (["queue", "put", "--max-attempts", "99999999999999999999", "q"], "the number is too great"),
    ])
    func numbersThatCannotBeSayWhy(_ words: [String], _ why: String) throws {
        let error = #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(words))
        }
        #expect(ClusterCommand.fullMessage(for: try #require(error)).contains(why))
    }

    /// 1 says of a plan that it would change something.
    @Test func aPlanThatIsCalledWronglyEndsWithItsOwnCode() {
        #expect(Main.mistake(in: ["job", "plan"]) == .planError)
        #expect(Main.mistake(in: ["plan", "--nonsense"]) == .planError)
        #expect(Main.mistake(in: ["job", "run", "plan"]) == .failure)
    }

    @Test func shortFormsPointToTheirOwnHelp() throws {
        for name in ["validate", "run", "plan", "stop", "inspect", "logs"] {
            let error = #expect(throws: (any Error).self) { try ClusterCommand.parseAsRoot([name, "a", "b", "c"]) }
            let text = ShortFormText.plain(ClusterCommand.fullMessage(for: try #require(error)))
            #expect(text.contains("cluster \(name) --help"), "\(text)")
            #expect(!text.contains("\(name) \(name)"), "\(text)")
        }
    }

    @Test func shortFormsSayHowTheyAreCalled() {
        #expect(ShortStatus.helpMessage().contains("USAGE: cluster status [<options>] [<job>]"))
        #expect(ShortRun.helpMessage().contains("USAGE: cluster run [<options>] <file>"))
        #expect(ShortPlan.helpMessage().contains("USAGE: cluster plan [<options>] <file>"))
    }

    @Test func everyFormIsAccepted() throws {
        let arguments = SingleDash.rewritten([
            "job", "run", "-check-index", "7", "-var", "a=b", "-var=c=d", "-var-file", "v.hcl", "-json", "x",
        ])
        let run = try #require(try ClusterCommand.parseAsRoot(arguments) as? JobRun)
        #expect(run.checkIndex == 7)
        #expect(run.variables.stated == ["a=b", "c=d"])
        #expect(run.variables.files == ["v.hcl"])
        #expect(run.connection.json)
        #expect(run.file == "x")
    }

    @Test func rulesOfPlacementAreChangedWhereTheyAreStated() throws {
        let arguments = SingleDash.rewritten([
            "operator", "scheduler", "set-config", "-scheduler-algorithm=spread", "-memory-oversubscription", "true",
            "-preempt-system-scheduler=false", "-tidying-moves-per-hour", "20", "-check-index", "7",
        ])
        let command = try #require(try ClusterCommand.parseAsRoot(arguments) as? SchedulerSetConfig)
        #expect(command.checkIndex == 7)
        let rules = SchedulerConfigurationWire(
            algorithm: "binpack", memoryOversubscription: false,
            preemption: .init(system: true, sysbatch: false, batch: true, service: false), modifyIndex: 7)
        let changed = command.changed(rules)
        #expect(changed.algorithm == "spread" && changed.memoryOversubscription == true)
        #expect(changed.preemption == .init(system: false, sysbatch: false, batch: true, service: false))
        #expect(
            SchedulerGetConfig.text(of: changed) == """
                Scheduler Algorithm           = spread
                Memory Oversubscription       = true
                Preemption System Scheduler   = false
                Preemption Service Scheduler  = false
                Preemption Batch Scheduler    = true
                Preemption SysBatch Scheduler = false
                Tidying Moves Per Hour        = 20
                Modify Index                  = 7
                """)
        #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(["operator", "scheduler", "set-config", "--scheduler-algorithm", "x"])
        }
    }

    @Test func logsTakeNumbersInEveryForm() throws {
        for form in [["-n", "5"], ["-n=5"], ["-n5"]] {
            let logs = try ClusterCommand.parseAsRoot(SingleDash.rewritten(["alloc", "logs"] + form + ["ab"]))
            #expect((logs as? AllocLogs)?.lines == 5)
        }
    }

    @Test func linesAndBytesAreNotBothCounted() {
        #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(["alloc", "logs", "-c", "5", "-n", "3", "ab"]))
        }
    }

    @Test func signalsAndRestartsTakeTheirTask() throws {
        for form in [["-s", "SIGHUP"], ["-s=SIGHUP"]] {
            let command = try ClusterCommand.parseAsRoot(
                SingleDash.rewritten(["alloc", "signal"] + form + ["ab", "main"]))
            let signal = try #require(command as? AllocSignal)
            #expect(signal.signal == "SIGHUP" && signal.allocation == "ab" && signal.task == "main")
        }
        let plain = try ClusterCommand.parseAsRoot(["alloc", "signal", "ab"]) as? AllocSignal
        #expect(plain?.signal == "SIGKILL" && plain?.task == nil, "as Nomad's")
        let restart = try ClusterCommand.parseAsRoot(SingleDash.rewritten(["alloc", "restart", "-task", "main", "ab"]))
        #expect((restart as? AllocRestart)?.taskFlag == "main" && (restart as? AllocRestart)?.allocation == "ab")
    }

    @Test func misspelledFlagsAreAnsweredWithASuggestion() throws {
        let error = #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(["job", "status", "-jsn"]))
        }
        #expect(ClusterCommand.fullMessage(for: try #require(error)).contains("--json"))
    }
}
