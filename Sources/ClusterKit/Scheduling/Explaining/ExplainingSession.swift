/// A session that also says why. It spares those who ask an index of their own, and answers beside what is reserved.
///
/// The server explains with it where a scheduler's sessions are such, else with `Scheduler.explain`.
public protocol ExplainingSession: SchedulingSession {
    /// Why each node would, or would not, take `request`. Nothing is reserved by that.
    mutating func explain(_ request: PlacementRequest) -> Explanation
}
