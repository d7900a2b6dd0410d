/// When a failed instance is placed anew, by Nomad's rules (its documents of the `reschedule` block).
///
/// Where attempts are counted, failures that are not the work's own are counted apart from the others and use none of
/// them up: three of those are allowed within the interval beside them.
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
        // A node whose clock runs ahead must not postpone the future.
        let failure = min(now, allocation.tasks.values.compactMap(\.finishedAt).max() ?? allocation.modifyTime)
        delay = Self.delay(after: failure, allocation.reschedules, policy)
        time = failure + delay
        if policy.unlimited {
            history = allocation.reschedules.suffix(Self.remembered)
        } else {
            history = allocation.reschedules.filter { failure - $0.time < policy.interval }
            let forgiven = history.count { $0.cause?.isInfrastructure == true }
            let isAllowed =
                allocation.cause?.isInfrastructure == true
                ? policy.attempts > 0 && forgiven < Self.forgiven : history.count - forgiven < policy.attempts
            guard isAllowed, delay < policy.interval else { return nil }
        }
    }

    private static func delay(
        after failure: WallTime, _ events: [RescheduleEvent], _ policy: ReschedulePolicy
    ) -> Duration {
        guard let last = events.last else { return policy.delay }
        var delay = policy.delay
        switch policy.delayFunction {
        case .constant: return delay
        case .exponential: delay = sum(last.delay, last.delay)
        case .fibonacci:
            if events.count >= 2 {
                let before = events[events.count - 2].delay
                // After the longest wait the series began anew: two numbers of different series are not added.
                let beganAnew = before == policy.maxDelay && last.delay == policy.delay
                delay = beganAnew ? last.delay : sum(before, last.delay)
            }
        }
        guard policy.maxDelay > .zero, delay > policy.maxDelay else { return delay }
        // An instance that lived longer than the longest wait was well: the series begins anew.
        return failure - last.time > policy.maxDelay ? policy.delay : policy.maxDelay
    }

    /// Held at the largest whole nanosecond, so that a policy without a longest wait cannot overflow.
    private static func sum(_ left: Duration, _ right: Duration) -> Duration {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
        return .nanoseconds(overflow ? .max : sum)
    }
}
