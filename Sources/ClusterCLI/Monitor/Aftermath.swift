import ArgumentParser
import ClusterClient
import ClusterKit

/// What comes of a write that has the server look at a job: told, and watched unless nobody wants to wait.
struct Aftermath: ParsableArguments {
    @Flag(help: "Do not watch; print the evaluation's identifier.")
    var detach = false

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    /// Which deployment is watched after the evaluation.
    enum Rollout: Equatable {
        case none
        /// The one that the evaluation begins.
        case begun
        /// The one of this identifier.
        case known(String)
    }

    /// Follows an evaluation to its end, and then `rollout`; `done` is what to say when the write caused none, and
    /// `facts` are what JSON says of it besides.
    func follow(
        _ evaluation: String?, done: String, _ connection: Connection, _ client: ClusterClient, _ namespace: String,
        rollout: Rollout = .none, facts: [(name: String, value: JSONValue)] = []
    ) async throws {
        let id = evaluation ?? ""
        if connection.json {
            let last = (name: "EvalID", value: id.isEmpty ? JSONValue.null : .string(id))
            Terminal.write(JSONText.facts(facts + [last]))
        } else if detach || id.isEmpty {
            Terminal.say(id.isEmpty ? done : "Evaluation ID: \(id)")
        }
        if detach || id.isEmpty { return }
        let screen = connection.json ? Screen(isInteractive: false, write: { _ in }) : Screen()
        let progress = ServerProgress(client: client, namespace: namespace)
        var watch = Watch(source: progress, monitor: Monitor(isVerbose: verbose), screen: screen)
        var outcome = try await watch.run(id)
        if outcome != .notPlaced, rollout != .none {
            var follower = RolloutProgress(
                client: client, isVerbose: verbose, isSilent: connection.json, monitor: watch.monitor)
            if case .known(let deployment) = rollout {
                outcome = try await follower.follow(deployment)
            } else {
                let evaluation = try await client.evaluation(id, ReadOptions(namespace: namespace)).value
                outcome = try await follower.follow(since: evaluation, namespace: namespace) ?? outcome
            }
        }
        if outcome != .success { throw outcome }
    }
}
