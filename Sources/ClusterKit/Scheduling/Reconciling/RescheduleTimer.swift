/// When a failed instance is placed anew, by Nomad's rules (its documents of the `reschedule` block).
///
/// Ours: failures of a cause that has rules of its own are counted for themselves, and wait by their own series. Of all
/// others, where attempts are counted, those that are not the work's own use none of them up: three of those are
/// allowed within the interval beside them.
struct RescheduleTimer {
    /// The wait between the failure and the new placement.
    let delay: Duration
    /// The earliest moment of the new placement.
    let time: WallTime
    /// Earlier failures that still matter.
    let history: [RescheduleEvent]

    /// How many failures are remembered when attempts are not counted.
    private static let remembered = 5
    /// How many placements are allowed within the interval after failures that are not the work's own.
    private static let forgiven = 3

    /// `nil` when the policy allows no further placement.
    init?(after allocation: Allocation, _ policy: ReschedulePolicy, at now: WallTime) {
        // What a lost node last told is no end. A node whose clock runs ahead must not postpone the future, nor one
        // whose clock is behind leave no wait: nothing ended before it was placed, or after it was known. What counts
        // does not move with the clock of today, or time would allow what was refused.
        let end = allocation.client == .lost ? nil : allocation.tasks.values.compactMap(\.finishedAt).max()
        let failure = max(min(end ?? allocation.modifyTime, allocation.modifyTime), allocation.createTime)
        let (cause, rule) = (allocation.cause, policy.rule(for: allocation.cause))
        let alike = allocation.reschedules.filter { policy.account(of: $0.cause) == policy.account(of: cause) }
        delay = Self.delay(after: failure, alike, rule)
        // One that was set back since prolongs no wait.
        time = min(now, failure) + delay
        history = Self.history(of: allocation.reschedules, policy, at: failure)
        guard !rule.unlimited else { return }
        let recent = alike.filter { failure - $0.time < rule.interval }
        let isAllowed: Bool
        if policy.account(of: cause) != nil {
            isAllowed = recent.count < rule.attempts
        } else {
            let forgiven = recent.count { $0.cause?.isInfrastructure == true }
            isAllowed =
                cause?.isInfrastructure == true
                ? rule.attempts > 0 && forgiven < Self.forgiven : recent.count - forgiven < rule.attempts
        }
        guard isAllowed, delay < rule.interval else { return nil }
    }

    /// Of each account what its rule may look at again.
    private static func history(
        of events: [RescheduleEvent], _ policy: ReschedulePolicy, at failure: WallTime
    ) -> [RescheduleEvent] {
        var counts: [FailureCause?: Int] = [:]
        let kept = events.reversed().filter { event in
            let rule = policy.rule(for: event.cause)
            guard rule.unlimited else { return failure - event.time < rule.interval }
            counts[policy.account(of: event.cause), default: 0] += 1
            return counts[policy.account(of: event.cause), default: 0] <= remembered
        }
        return kept.reversed()
    }

    private static func delay(
        after failure: WallTime, _ events: [RescheduleEvent], _ rule: RescheduleRule
    ) -> Duration {
        guard let last = events.last else { return rule.delay }
        var delay = rule.delay
        switch rule.delayFunction {
        case .constant: return delay
        case .exponential: delay = sum(last.delay, last.delay)
        case .fibonacci:
            if events.count >= 2 {
                let before = events[events.count - 2].delay
                // After the longest wait the series began anew: two numbers of different series are not added.
                let beganAnew = before == rule.maxDelay && last.delay == rule.delay
                delay = beganAnew ? last.delay : sum(before, last.delay)
            }
        }
        guard rule.maxDelay > .zero, delay > rule.maxDelay else { return delay }
        // An instance that lived longer than the longest wait was well: the series begins anew.
        return failure - last.time > rule.maxDelay ? rule.delay : rule.maxDelay
    }

    /// Held at the largest whole nanosecond, so that a policy without a longest wait cannot overflow.
    private static func sum(_ left: Duration, _ right: Duration) -> Duration {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
        return .nanoseconds(overflow ? .max : sum)
    }
}

extension ReschedulePolicy {
    /// With what a failure is counted: with those of its own cause, or, without a rule for that, with all others.
    fileprivate func account(of cause: FailureCause?) -> FailureCause? {
        cause.flatMap { causes[$0] == nil ? nil : $0 }
    }
}
