/// What `body` gives, or `nil` when that does not come within `limit`; then `body` is canceled. A body that does not
/// heed that keeps its caller waiting: tests of unknown conformers have a time limit of their own.
func firstAnswer<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            try? await Task.sleep(for: limit)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
}
