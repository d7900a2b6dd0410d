extension Snapshot {
    /// The versions of a job that nobody needs any more, the oldest first: older than the newest `count`, and neither
    /// run by an instance, nor rolled out, nor kept under a name, nor the one that a failed roll-out returns to.
    func spareVersions(of job: JobID, beyond count: Int) -> [JobVersion] {
        let versions = versionsByJob.members(of: job)
        guard versions.count > count else { return [] }
        #if MUTANTS
            if Sabotage.active == .collectsVersion { return Array(versions.dropLast(count)) }
        #endif
        var needed = Set(allocations(of: job).map(\.jobVersion))
        needed.formUnion(deployments(of: job).filter(\.isActive).map(\.jobVersion))
        if let stable = versions.last(where: { jobVersions.part(of: $0, \.isStable) == true }) {
            needed.insert(stable.version)
        }
        return versions.dropLast(count).filter { version in
            !needed.contains(version.version) && jobVersions.part(of: version, { $0.tag == nil }) == true
        }
    }
}
