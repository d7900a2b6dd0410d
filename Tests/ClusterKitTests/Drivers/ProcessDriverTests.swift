import ClusterKit
import ClusterShimCore
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct ProcessDriverTests {
    @Test(arguments: Workshop.Way.allCases) func reportsHowATaskEnds(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        for (script, code, signal) in [
            ("exit 0", 0, 0), ("exit 7", 7, 0), ("kill -9 $$", 0, 9), ("kill -TERM $$", 0, 15),
        ] {
            let handle = try await driver.start(workshop.script(script))
            let exit = try await driver.wait(for: handle)
            #expect(exit.code == code && exit.signal == signal && exit.cause == .exited, "\(script)")
            #expect(try await driver.wait(for: handle) == exit)
            try await driver.remove(handle)
            try await driver.remove(handle)
            #expect(try await driver.wait(for: handle).cause == .supervisorLost)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder + "/state") == [])
    }

    @Test(arguments: Workshop.Way.allCases) func keepsOutputToTheByte(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let request = try workshop.script(
            "i=0; while [ $i -lt 1000 ]; do echo line $i; echo oops $i >&2; i=$((i+1)); done; printf end")
        let handle = try await driver.start(request)
        _ = try await driver.wait(for: handle)
        let lines = (0..<1000).map { "line \($0)\n" }.joined() + "end"
        #expect(try workshop.output(of: request) == lines)
        #expect(try workshop.output(of: request, .stderr) == (0..<1000).map { "oops \($0)\n" }.joined())
        try await driver.remove(handle)
    }

    @Test(arguments: [Workshop.Way.helper, .inProcess])
    func givesATaskNothingOfTheAgents(_ way: Workshop.Way) async throws {
        for number in 0..<50 { setenv("CLUSTERKIT_CANARY_\(number)", "leaked", 1) }
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        var request = try workshop.script("", environment: ["A": "1", "B": "x=y z"])
        request.config = ["command": "/usr/bin/env"]
        let handle = try await driver.start(request)
        _ = try await driver.wait(for: handle)
        let group = try #require(TaskTrace(facts: handle.facts)).group
        let parent = group.isEmpty ? "" : "NOMAD_PARENT_CGROUP=/clusterkit\n"
        #expect(group.isEmpty || group.contains("/clusterkit/"))
        #expect(try workshop.output(of: request) == "A=1\nB=x=y z\n" + parent)
        try await driver.remove(handle)

        let look = try workshop.script(
            """
            readlink /proc/$$/fd/0; pwd; umask
            n=0; while [ $n -lt 100 ]; do [ -e /proc/$$/fd/$n ] && printf "$n "; n=$((n+1)); done; cat
            """)
        let second = try await driver.start(look)
        #expect(try await driver.wait(for: second).isSuccess)
        #expect(try workshop.output(of: look) == "/dev/null\n\(look.folders.task)\n0022\n0 1 2 ")
        try await driver.remove(second)
    }

    @Test func findsCommands() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        var request = try workshop.script("")
        let program = "#!/bin/sh\necho found\n"
        let path = request.folders.local + "/tool"
        try program.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        for command in ["tool", "local/tool", path] {
            request.config = ["command": .string(command)]
            request.attempt += 1
            let handle = try await driver.start(request)
            #expect(try await driver.wait(for: handle).isSuccess)
            try await driver.remove(handle)
        }
        #expect(try workshop.output(of: request) == "found\nfound\nfound\n")
    }

    @Test(
        arguments: [
            (["command": "/no/such/thing"], "command not found: /no/such/thing", .driver),
            (["command": "no-such-thing"], "command not found: no-such-thing", .driver),
            (["command": "/etc/passwd"], "/etc/passwd is not executable", .driver),
            (["command": "/bin"], "/bin is not executable", .driver),
            (["comand": "/bin/sh"], "did you mean \"command\"?", .exit),
            (["image": "redis", "command": "/bin/sh"], "\"image\" is not a setting of raw_exec", .exit),
            ([:], "needs \"command\"", .exit),
            (["command": 3], "needs \"command\"", .exit),
            (["command": "/bin/sh", "args": "one"], "\"args\" must be a list of texts", .exit),
            (["command": "/bin/sh", "args": ["a\0b"]], "zero bytes", .exit),
        ] as [([String: ConfigValue], String, FailureCause)])
    func refusesWhatCannotRun(_ config: [String: ConfigValue], _ words: String, _ cause: FailureCause) async throws {
        let workshop = try Workshop()
        var request = try workshop.script("")
        request.config = config
        let driver = try workshop.driver()
        let failure = await #expect(throws: TaskStartFailure.self) { try await driver.start(request) }
        #expect(failure?.isRecoverable == false)
        // Another machine may have the program; a mistake in the job is one everywhere.
        #expect(failure?.cause == cause)
        #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder + "/state") == [])
    }

    @Test(arguments: Workshop.Way.allCases) func explainsAFailedStart(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        var request = try workshop.script("")
        let path = request.folders.local + "/broken"
        try "no program".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        request.config = ["command": .string(path)]
        let unfit = await #expect(throws: TaskStartFailure.self) { try await driver.start(request) }
        #expect(unfit?.isRecoverable == false)
        #expect(unfit?.description.contains("#!") == true, "\(unfit?.description ?? "")")

        try FileManager.default.removeItem(atPath: request.folders.logs)
        request.config = ["command": "/bin/sh"]
        let homeless = await #expect(throws: TaskStartFailure.self) { try await driver.start(request) }
        #expect(homeless?.isRecoverable == true)
        #expect(homeless?.description.contains(request.folders.logs) == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder + "/state") == [])
    }

    @Test func refusesNamesThatLeadElsewhere() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        for name in ["", "..", "a/b", ".hidden", String(repeating: "x", count: 200)] {
            var request = try workshop.script("")
            request.task = name
            await #expect(throws: TaskStartFailure.self) { try await driver.start(request) }
        }
    }

    @Test func saysThatItsShimIsMissing() async throws {
        let workshop = try Workshop()
        let driver = try ProcessDriver(supervision: .helper("/no/shim"), stateFolder: workshop.folder + "/state")
        #expect(await driver.fingerprint().healthy == false)
        let failure = await #expect(throws: TaskStartFailure.self) {
            try await driver.start(workshop.script("exit 0"))
        }
        #expect(failure?.isRecoverable == true && failure?.description.contains("/no/shim") == true)
        #expect(throws: ClusterError.self) {
            try ProcessDriver(supervision: .inProcess, stateFolder: "relative/path")
        }
    }

    @Test(arguments: [Workshop.Way.helper, .inProcess]) func runsFiftyTasksAtOnce(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let codes = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<50 {
                group.addTask {
                    let request = try workshop.script("echo $1; exit $1", ["\(number)"])
                    let handle = try await driver.start(request)
                    let exit = try await driver.wait(for: handle)
                    #expect(try workshop.output(of: request) == "\(number)\n")
                    try await driver.remove(handle)
                    return (number, exit.code)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(codes.count == 50 && codes.allSatisfy { $0.key == $0.value })
    }

    @Test func goesOnInTheSameOutputAfterARestart() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        var request = try workshop.script("echo again")
        for attempt in 0..<3 {
            request.attempt = attempt
            let handle = try await driver.start(request)
            _ = try await driver.wait(for: handle)
            try await driver.remove(handle)
        }
        #expect(try workshop.output(of: request) == "again\nagain\nagain\n")
    }
}
