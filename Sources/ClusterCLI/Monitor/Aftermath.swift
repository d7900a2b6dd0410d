import ClusterClient

/// What comes of a write that stops something: told, and watched unless nobody wants to wait.
struct Aftermath {
    let connection: Connection
    let isVerbose: Bool
    let isDetached: Bool

    /// Follows an evaluation to its end; `done` is what to say when the write caused none.
    func follow(
        _ evaluation: String?, done: String, _ client: ClusterClient, _ namespace: String
    ) async throws {
        let id = evaluation ?? ""
        if connection.json {
            Terminal.say(id.isEmpty ? "{\"EvalID\": null}" : "{\"EvalID\": \"\(id)\"}")
        } else if isDetached || id.isEmpty {
            Terminal.say(id.isEmpty ? done : "Evaluation ID: \(id)")
        }
        if isDetached || id.isEmpty { return }
        let screen = connection.json ? Screen(isInteractive: false, write: { _ in }) : Screen()
        let progress = ServerProgress(client: client, namespace: namespace)
        var watch = Watch(source: progress, monitor: Monitor(isVerbose: isVerbose), screen: screen)
        let outcome = try await watch.run(id)
        if outcome != .success { throw outcome }
    }
}
