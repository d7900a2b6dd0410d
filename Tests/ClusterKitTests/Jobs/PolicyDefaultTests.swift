import ClusterKit
import Testing

/// The numbers of Nomad's documents, one by one.
@Suite struct PolicyDefaultTests {
    @Test func restartsOfServicesAndSystemJobsAreTwoInHalfAnHour() {
        for kind in [JobKind.service, .system] {
            let policy = RestartPolicy.standard(for: kind)
            #expect(policy.attempts == 2 && policy.interval == .seconds(1800))
            #expect(policy.delay == .seconds(15) && policy.mode == .fail)
        }
    }

    @Test func restartsOfBatchJobsAreThreeInADay() {
        for kind in [JobKind.batch, .sysbatch] {
            let policy = RestartPolicy.standard(for: kind)
            #expect(policy.attempts == 3 && policy.interval == .seconds(86_400))
            #expect(policy.delay == .seconds(15) && policy.mode == .fail)
        }
    }

    @Test func servicesAreRescheduledWithoutLimitFromHalfAMinuteToAnHour() {
        let rule = ReschedulePolicy.standard(for: .service).rule
        #expect(rule.unlimited && rule.attempts == 0 && rule.delay == .seconds(30))
        #expect(rule.delayFunction == .exponential && rule.maxDelay == .seconds(3600))
    }

    @Test func batchJobsAreRescheduledOnceADayAfterFiveSeconds() {
        let rule = ReschedulePolicy.standard(for: .batch).rule
        #expect(!rule.unlimited && rule.attempts == 1 && rule.interval == .seconds(86_400))
        #expect(rule.delay == .seconds(5) && rule.delayFunction == .constant)
    }

    @Test func whatRunsOnEveryNodeIsNotRescheduled() {
        for kind in [JobKind.system, .sysbatch] {
            let rule = ReschedulePolicy.standard(for: kind).rule
            #expect(!rule.unlimited && rule.attempts == 0)
        }
    }

    private func mistakes(_ change: (inout TaskGroup) -> Void) -> [String] {
        var group = TaskGroup(name: "g", tasks: [TaskSpec(name: "t")])
        change(&group)
        return JobValidation.validate(Job(id: JobID("j"), groups: [group]).canonical()).map(\.message)
    }

    @Test func noWindowAndNoWaitIsShorterThanFiveSeconds() {
        let restart = { (seconds: Double) in
            self.mistakes { $0.restart = RestartPolicy(attempts: 1, interval: .seconds(seconds), delay: .zero) }
        }
        #expect(restart(5) == [] && restart(4) == ["must be at least 5s, is 4s"])
        let reschedule = { (seconds: Double) in
            self.mistakes {
                $0.reschedule = ReschedulePolicy(RescheduleRule(delay: .seconds(seconds), maxDelay: .seconds(60)))
            }
        }
        #expect(reschedule(5) == [] && reschedule(4) == ["must be at least 5s, is 4s"])
    }

    @Test func zeroAttemptsNeedModeFail() {
        let mistakes = { (mode: RestartMode) in
            self.mistakes {
                $0.restart = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .zero, mode: mode)
            }
        }
        #expect(mistakes(.fail) == [])
        #expect(mistakes(.delay).count == 1 && mistakes(.delay)[0].hasPrefix("0 attempts need mode \"fail\""))
    }
}
