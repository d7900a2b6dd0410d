public import ClusterKit

/// Checks the promise of `JobSpec` on any way of stating a job: for our own, and for those of plug-in authors.
///
/// ```swift
/// let violations = await JobSpecConformance.check(MyYAMLJob(text))
/// ```
public enum JobSpecConformance {
    /// Every promise that `spec` breaks; empty when it keeps all.
    ///
    /// - Parameter spec: states a job, or refuses to; both may be conforming.
    public static func check(_ spec: some JobSpec) async -> [Violation] {
        let first = outcome(of: spec)
        var violations = checkOutcome(first)
        if outcome(of: spec) != first {
            violations.append(Violation(rule: "same input, same job", detail: "a second call gave something else"))
        }
        let concurrent = await withTaskGroup(of: Outcome.self) { group in
            for _ in 0..<8 { group.addTask { outcome(of: spec) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let different = concurrent.count { $0 != first }
        if different > 0 {
            let detail = "\(different) of 8 concurrent calls gave something else"
            violations.append(Violation(rule: "same input, same job", detail: detail))
        }
        return violations
    }

    private enum Outcome: Hashable {
        case job(Job)
        case refused(ClusterError)
        case failed(String)
    }

    private static func outcome(of spec: some JobSpec) -> Outcome {
        do {
            return .job(try spec.job())
        } catch let error as ClusterError {
            return .refused(error)
        } catch {
            return .failed("\(error)")
        }
    }

    private static func checkOutcome(_ outcome: Outcome) -> [Violation] {
        switch outcome {
        case .job(let job): return checkJob(job)
        case .refused(let error):
            var violations: [Violation] = []
            if error.code != .invalid {
                violations.append(
                    Violation(rule: "a refusal is invalid", detail: "it has the code \(error.code): \(error)"))
            }
            if error.message.isEmpty {
                violations.append(Violation(rule: "a refusal says why", detail: "its message is empty"))
            }
            return violations
        case .failed(let error):
            return [Violation(rule: "a refusal is a ClusterError", detail: "it throws \(error)")]
        }
    }

    private static func checkJob(_ job: Job) -> [Violation] {
        let canonical = job.canonical()
        var violations = JobValidation.validate(canonical).map { mistake in
            Violation(rule: "a job that is given keeps every rule", detail: mistake.description)
        }
        if canonical.canonical() != canonical {
            violations.append(
                Violation(rule: "canonical twice is canonical once", detail: "the second time changed \(job.id)"))
        }
        if (try? Job(decoding: canonical.encoded)) != canonical {
            violations.append(
                Violation(rule: "a job can be stored", detail: "\(job.id) differs after it is written and read"))
        }
        return violations
    }
}
