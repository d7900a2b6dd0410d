import ClusterKit
import ClusterTesting
import HCL
import Testing

@Suite("Ways of stating a job")
struct JobSpecConformanceTests {
    @Test(arguments: Fixture.jobFiles)
    func jobFilesConform(name: String) async throws {
        let file = try Fixture.file(name)
        #expect(await JobSpecConformance.check(file) == [])
        #expect(await JobSpecConformance.check(JobDocument(try file.job())) == [])
        #expect(await JobSpecConformance.check(try file.job()) == [])
    }

    @Test func refusalsConform() async throws {
        #expect(await JobSpecConformance.check(try Fixture.file("broken")) == [])
        #expect(await JobSpecConformance.check(try JobDocument(json: Fixture.bytes("nomad-job.json"))) == [])
        #expect(await JobSpecConformance.check(JobFile(text: "job \"")) == [])
    }

    private struct Careless: JobSpec {
        func job() -> Job {
            var job = plainJob()
            job.priority = 0
            return job
        }
    }

    private struct Rude: JobSpec {
        func job() throws -> Job { throw ClusterError(.internal, "") }
    }

    private struct Fickle: JobSpec {
        func job() -> Job { Job("j\(UInt64.random(in: 0 ... .max))") { Group("g") { TaskSpec("t", command: "x") } } }
    }

    @Test func brokenPromisesAreFound() async {
        #expect(
            await JobSpecConformance.check(Careless()).map(\.rule) == ["a job that is given keeps every rule"])
        #expect(
            await JobSpecConformance.check(Rude()).map(\.rule)
                == ["a refusal is invalid", "a refusal says why"])
        #expect(
            await JobSpecConformance.check(Fickle()).map(\.rule)
                == ["same input, same job", "same input, same job"])
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.seconds(5400), "1h30m"), (.milliseconds(250), "250ms"),
        (.nanoseconds(1_000_001), "1ms1ns"),
        (.seconds(-90), "-1m30s"), (.seconds(86_400), "24h"),
    ])
    func timeSpansAreWrittenAsTheyAreRead(span: Duration, text: String) {
        #expect(span.compactText == text && DurationText.parse(text) == span)
    }
}
