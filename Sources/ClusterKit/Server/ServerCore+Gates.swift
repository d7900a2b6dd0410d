extension ServerCore {
    /// Looks at jobs again for which something has changed that they wait for.
    mutating func openGates(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        let looks = gates.due(in: head).map { job -> Change in
            .putEvaluation(makeEvaluation(of: job, .dependency, at: now, using: &entropy))
        }
        if !looks.isEmpty { commit(looks, at: now, into: &effects) }
    }
}

extension Snapshot {
    /// Refuses a job that would wait for itself by way of others, or for what never comes; gives what deserves a second
    /// look.
    func checkGates(of job: Job) throws(ClusterError) -> [String] {
        if let cycle = cycle(of: job) {
            let path = cycle.map(\.description).joined(separator: " → ")
            throw ClusterError(
                .invalid, "job \(job.id) would wait for itself: \(path); remove one \"after\" block on that way")
        }
        for target in job.after.map(job.target) {
            guard let reason = jobs[target]?.job.reasonNotToAwait else { continue }
            throw ClusterError(
                .invalid, "\(reason); remove the \"after\" block, or wait for one of the jobs that it makes")
        }
        return job.after.map(job.target).filter { jobs[$0] == nil }.map {
            "job \($0) is not registered; \(job.id) waits until it is, and has come as far as it must"
        }
    }
}
