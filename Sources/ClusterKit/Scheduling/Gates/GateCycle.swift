extension Snapshot {
    /// The way from `job` over what it waits for back to itself; `nil` when there is none. Such jobs would wait for
    /// each other for ever.
    func cycle(of job: Job) -> [JobID]? {
        var previous: [JobID: JobID] = [:]
        var open = Array(Set(job.after.map(job.target)).sorted().reversed())
        for first in open { previous[first] = job.id }
        while let next = open.popLast() {
            guard next != job.id else { return path(to: next, previous) }
            guard let waiting = jobs[next]?.job else { continue }
            for target in Set(waiting.after.map(waiting.target)).sorted().reversed() where previous[target] == nil {
                previous[target] = next
                open.append(target)
            }
        }
        return nil
    }

    private func path(to job: JobID, _ previous: [JobID: JobID]) -> [JobID] {
        var path = [job]
        while let before = previous[path[path.count - 1]] {
            path.append(before)
            if before == job { break }
        }
        return path.reversed()
    }
}
