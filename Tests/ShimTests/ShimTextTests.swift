import ClusterShimCore
import Foundation
import Testing

@Suite struct ShimTextTests {
    @Test func ordersSurviveTheJourney() {
        var order = TaskOrder(
            state: "/s", program: "/bin/sh", arguments: ["sh", "-c", "é\n\u{1F600}", ""], environment: ["A=", "B=x y"],
            folder: "/f", logs: "/l", task: "web", logFiles: 3, logFileSize: 77, group: "/g")
        #expect(TaskOrder(bytes: order.bytes) == order)
        order.lease = OrderedLease(end: .max, signal: 15, grace: 5)
        #expect(TaskOrder(bytes: order.bytes) == order)
        for length in 0..<order.bytes.count { #expect(TaskOrder(bytes: Array(order.bytes.prefix(length))) == nil) }
        #expect(TaskOrder(bytes: order.bytes + [0]) == nil)
        var hostile = order.bytes
        hostile.replaceSubrange(8..<16, with: [UInt8](repeating: 0xFF, count: 8))
        #expect(TaskOrder(bytes: hostile) == nil)
    }

    @Test func tracesSurviveTheJourney() {
        let trace = TaskTrace(
            boot: "b-1", shim: ProcessIdentity(pid: 20, start: .max), task: ProcessIdentity(pid: 21, start: 5),
            group: "/sys/fs/cgroup/x y")
        #expect(TaskTrace(text: trace.text) == trace)
        #expect(TaskTrace(facts: trace.facts) == trace)
        #expect(ShimTalk.Answer(text: ShimTalk.Answer.running(trace).text) == .running(trace))
        let failure = ShimTalk.Answer.failed(LaunchFailure(step: .execute, code: 8))
        #expect(ShimTalk.Answer(text: failure.text) == failure)
        for text in ["", "failed", "failed 9 9", "boot b\nshim 0 1\n", "boot b\nshim 1 1\n", "boot b\nshim -5 1\n"] {
            #expect(ShimTalk.Answer(text: text) == nil, "\(text)")
        }
    }

    @Test func exitRecordsAreWrittenInOneStep() throws {
        let folder = try TemporaryFolder()
        guard let opened = Descriptor.openFolder(folder.path) else { throw POSIXError(.ENOENT) }
        let isReserved = ExitRecord.reserve(in: opened)
        #expect(isReserved)
        #expect(ExitRecord.read(in: folder.path) == nil)
        var record = ExitRecord(code: 3, signal: 0, time: 1_795_360_216_003_995_837)
        record.dropped = 12
        record.outOfMemory = true
        let isWritten = record.write(in: opened)
        #expect(isWritten)
        #expect(ExitRecord.read(in: folder.path) == record)
        #expect(folder.files.count == 1)
    }

    @Test func readsProcessesWithOddNames() throws {
        let tail = "S 7 9 11 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 1 2"
        let status = try #require(ProcessStatus(line: "12 (a) b (c)) \(tail)"))
        #expect(status.parent == 7 && status.session == 11 && status.start == 4242 && status.state == "S")
        #expect(ProcessStatus(line: "12 (x) S 1") == nil)
        #expect(ProcessStatus(line: "") == nil)
    }

    @Test func findsControlGroups() {
        let hybrid = """
            30 25 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
            31 30 0:27 / /sys/fs/cgroup/freezer rw,nosuid - cgroup cgroup rw,freezer
            32 30 0:28 / /sys/fs/cgroup/memory rw shared:3 master:1 - cgroup cgroup rw,memory
            33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
            """
        #expect(ControlGroup.roots(mountInfo: hybrid) == ["/sys/fs/cgroup/unified", "/sys/fs/cgroup/freezer"])
        let pure = "33 30 0:29 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
        #expect(ControlGroup.roots(mountInfo: pure) == ["/sys/fs/cgroup"])
        #expect(ControlGroup.roots(mountInfo: "nonsense\n\n- - -") == [])
    }
}
