import ArgumentParser
import ClusterClient

/// What comes of a write that has the server look at a job: told, and watched unless nobody wants to wait.
struct Aftermath: ParsableArguments {
    @Flag(help: "Do not watch; print the evaluation's identifier.")
    var detach = false

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    /// Follows an evaluation to its end; `done` is what to say when the write caused none.
    func follow(
        _ evaluation: String?, done: String, _ connection: Connection, _ client: ClusterClient, _ namespace: String
    ) async throws {
        let id = evaluation ?? ""
        if connection.json {
            Terminal.say(id.isEmpty ? "{\"EvalID\": null}" : "{\"EvalID\": \"\(id)\"}")
        } else if detach || id.isEmpty {
            Terminal.say(id.isEmpty ? done : "Evaluation ID: \(id)")
        }
        if detach || id.isEmpty { return }
        let screen = connection.json ? Screen(isInteractive: false, write: { _ in }) : Screen()
        let progress = ServerProgress(client: client, namespace: namespace)
        var watch = Watch(source: progress, monitor: Monitor(isVerbose: verbose), screen: screen)
        let outcome = try await watch.run(id)
        if outcome != .success { throw outcome }
    }
}
