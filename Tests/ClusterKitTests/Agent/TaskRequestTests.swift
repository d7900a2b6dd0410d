import ClusterKit
import Testing

/// Signals and restarts that someone asks for.
@Suite struct TaskRequestTests {
    private let assignment = Assignment.sample(tasks: [TaskSpec(name: "main"), TaskSpec(name: "side")])

    private func ask(
        _ question: Inquiry.Question, of id: AllocationID? = nil, _ harness: inout CoreHarness
    ) -> [AgentEffect] {
        _ = harness.take()
        let id = id ?? assignment.allocation.id
        harness.send(.inquired([Inquiry(id: InquiryID(high: 1, low: 1), allocation: id, question: question)]))
        return harness.take()
    }

    private func answers(_ effects: [AgentEffect]) -> [InquiryAnswer] {
        effects.compactMap { if case .reply(_, let answer) = $0 { answer } else { nil } }
    }

    private func delivered(_ effects: [AgentEffect]) -> [String] {
        effects.flatMap { effect -> [String] in
            guard case .deliver(_, let runs, let signal) = effect else { return [] }
            return runs.keys.sorted().map { "\($0.task) \(signal)" }
        }
    }

    @Test func aSignalGoesToTheTaskThatIsNamedOrToAllThatRun() {
        var harness = CoreHarness()
        harness.run(assignment)
        #expect(delivered(ask(.signal(task: "side", name: "SIGHUP"), &harness)) == ["side SIGHUP"])
        #expect(delivered(ask(.signal(task: "", name: "SIGUSR1"), &harness)) == ["main SIGUSR1", "side SIGUSR1"])
        #expect(harness.words(assignment, "side").last == "Signaling: User requested signal SIGUSR1")
        harness.end(assignment, "side", code: 0)
        #expect(delivered(ask(.signal(task: "", name: "SIGHUP"), &harness)) == ["main SIGHUP"])
        let refused = ask(.signal(task: "side", name: "SIGHUP"), &harness)
        let id = assignment.allocation.id.short
        #expect(answers(refused) == [.invalid("task \"side\" of allocation \(id) does not run now")])
        #expect(delivered(refused) == [])
    }

    @Test func whatIsNotThereIsRefused() {
        var harness = CoreHarness()
        harness.run(assignment)
        for question in [Inquiry.Question.signal(task: "none", name: "SIGHUP"), .restart(task: "none")] {
            let id = assignment.allocation.id.short
            let words = "allocation \(id) has no task \"none\"; it has main, side"
            #expect(answers(ask(question, &harness)) == [.notFound(words)])
        }
        let stranger = ask(.restart(task: ""), of: AllocationID(high: 9, low: 9), &harness)
        #expect(answers(stranger).count == 1 && harness.words(assignment, "main").last?.hasPrefix("Started") == true)
    }

    @Test func aRestartCountsAsNoFailureAndComesAtOnce() {
        var harness = CoreHarness()
        let none = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .seconds(10))
        var assignment = assignment
        assignment.job.groups[0].restart = none
        harness.run(assignment)
        let effects = ask(.restart(task: "main"), &harness)
        #expect(answers(effects) == [.done] && effects.stops.map(\.task) == ["main"])
        harness.exit(assignment, "main", code: 143)
        harness.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        harness.send(.removed(TaskRun(assignment.allocation.id, "main")))
        harness.pass(.milliseconds(1))
        #expect(harness.take().starts == [TaskRun(assignment.allocation.id, "main", attempt: 1)])
        #expect(harness.words(assignment, "main").contains("Restart Signaled: User requested task to restart"))
        #expect(harness.record(assignment)?.status.0 == .running)
    }

    @Test func allThatRunAreRestarted() {
        var harness = CoreHarness()
        harness.run(assignment)
        #expect(ask(.restart(task: ""), &harness).stops.map(\.task) == ["main", "side"])
        #expect(harness.words(assignment, "side").contains("Restart Signaled: User requested running tasks to restart"))
    }

    @Test func whatIsEndingIsNotStartedAgain() {
        var harness = CoreHarness()
        harness.run(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        let effects = ask(.restart(task: ""), &harness)
        #expect(
            answers(effects) == [
                .invalid(
                    "allocation \(assignment.allocation.id.short) is ending; none of its tasks is started again")
            ])
    }

    @Test func aSignalThatCannotBeSentIsNoted() {
        var harness = CoreHarness()
        harness.run(assignment)
        harness.send(.signalFailed(TaskRun(assignment.allocation.id, "main"), "driver \"x\" sends no signals"))
        #expect(harness.words(assignment, "main").last == "Signaling: driver \"x\" sends no signals")
    }

    @Test func questionsAndAnswersPassTheLinkAsTheyAre() throws {
        for question in [
            Inquiry.Question.signal(task: "a", name: "SIGHUP"), .restart(task: ""),
            .logs(LogRequest(task: "t", stream: .stdout)),
        ] {
            let inquiry = Inquiry(
                id: InquiryID(high: 1, low: 2), allocation: assignment.allocation.id, question: question)
            #expect(try Inquiry(decoding: inquiry.encoded) == inquiry)
        }
        for answer in [InquiryAnswer.done, .invalid("no"), .notFound("x"), .failed("y")] {
            #expect(try InquiryAnswer(decoding: answer.encoded) == answer)
        }
    }
}
