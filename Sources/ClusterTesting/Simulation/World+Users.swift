import ClusterKit

/// Who waits for what among the users.
struct Users {
    /// Counts what each user asked for.
    var attempts: [Int: Int] = [:]
    /// Users that wait for a reply.
    var waiting: Set<Int> = []
}

extension World {
    /// A user asks for the next thing.
    func act(_ user: Int) {
        guard !isSettling else { return }
        let mean = roughness.operationInterval.nanoseconds * Int64(Workload.jobs) / 1_000_000
        later(.milliseconds(entropy.below(Int(mean) * 2)), .userActs(user))
        guard !users.waiting.contains(user) else { return }
        let (request, kind) = workload.next(for: user, in: truth, using: &entropy)
        send(request, kind: kind, for: user)
    }

    private func send(_ request: ServerRequest, kind: String, for user: Int) {
        guard let number = reachableServer else { return }
        let attempt = (users.attempts[user] ?? 0) + 1
        users.attempts[user] = attempt
        users.waiting.insert(user)
        mark(7, UInt64(user))
        tell("user \(user): \(kind)")
        later(.seconds(30), .userGivesUp(user, attempt: attempt))
        guard !isLost else { return }
        // What comes twice is answered twice.
        for _ in 0..<(isRepeated ? 2 : 1) {
            servers[number].nextRequest += 1
            let id = servers[number].nextRequest
            servers[number].users[id] = (user, attempt, kind)
            later(transit(), .serverHears(number, life: number, .request(id, request)))
        }
    }

    /// An answer comes, or none in time.
    func answer(_ user: Int, attempt: Int) {
        guard users.attempts[user] == attempt else { return }
        users.waiting.remove(user)
    }
}
