extension Snapshot {
    /// The versions of a job that nobody needs any more, the oldest first: older than the newest `count`, and neither
    /// run by an instance, nor rolled out, nor kept under a name, nor the one that a failed roll-out returns to.
    func spareVersions(of job: JobID, beyond count: Int) -> [JobVersion] {
        let versions = versionsByJob.members(of: job)
        #if MUTANTS
            if Sabotage.active == .collectsVersion { return Array(versions.dropLast()) }
        #endif
        guard versions.count > count else { return [] }
        var needed = Set(allocations(of: job).map(\.jobVersion))
        needed.formUnion(deployments(of: job).filter(\.isActive).map(\.jobVersion))
        if let stable = versions.last(where: { jobVersions.part(of: $0, \.isStable) == true }) {
            needed.insert(stable.version)
        }
        return versions.dropLast(count).filter { version in
            !needed.contains(version.version) && jobVersions.part(of: version, { $0.tag == nil }) == true
        }
    }

    /// Whether a job was stopped, or purged, and begun anew since one of its instances ran `version`.
    func wasBegunAnew(_ job: JobID, since version: Int) -> Bool {
        guard let newest = jobs.part(of: job, \.version), version < newest else { return false }
        let since = versionsByJob.members(of: job).filter { (version..<newest).contains($0.version) }
        // What an instance ran is kept as long as the job is, so it went with that.
        let wasPurged = !since.contains { $0.version == version }
        return wasPurged || since.contains { jobVersions.part(of: $0, \.stopped) == true }
    }
}
