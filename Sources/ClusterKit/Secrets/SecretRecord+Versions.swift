/// The rules of versions, for whoever writes a `SecretStore`: they decide, the store keeps. Where a rule comes from
/// Vault's second engine for keys and values, it behaves as that does.
extension SecretRecord {
    /// How many versions are kept where neither the secret nor the store says: Vault's number.
    public static let keptVersions = 10

    /// Adds the next version, and gives it with those for which there is no longer room: their data has to go.
    ///
    /// - Parameters:
    ///   - expected: the version that must be current, 0 for none; `nil` does not ask.
    ///   - maxVersions: how many versions the store keeps of a secret that does not say.
    /// - Throws: `.conflict` when another version is current, `.invalid` when the secret wants to be asked.
    public mutating func addVersion(
        expecting expected: Int?, maxVersions storeVersions: Int = Self.keptVersions, at now: WallTime
    ) throws(ClusterError) -> (version: Version, pruned: [Int]) {
        if expected == nil, requiresCheckAndSet {
            throw ClusterError(.invalid, "check-and-set parameter required for this call")
        }
        if let expected, expected != currentVersion {
            throw ClusterError(.conflict, "check-and-set parameter did not match the current version")
        }
        let (next, isTooMany) = currentVersion.addingReportingOverflow(1)
        guard !isTooMany else { throw ClusterError(.tooLarge, "secret \(path) has no number left for a version") }
        let deletion = deleteVersionAfter > .zero ? now + deleteVersionAfter : nil
        let version = Version(number: next, createTime: now, deletionTime: deletion)
        versions.append(version)
        currentVersion = next
        updateTime = now
        let kept = maxVersions > 0 ? maxVersions : storeVersions > 0 ? storeVersions : Self.keptVersions
        let pruned = versions.dropLast(min(kept, versions.count)).map(\.number)
        versions.removeFirst(pruned.count)
        return (version, pruned)
    }

    /// Changes what is known of versions, and gives those whose data has to go. Versions that are not kept any more
    /// are passed over. `.remove` is for the store to do: there is no record afterwards.
    public mutating func apply(_ change: SecretChange, at now: WallTime) throws(ClusterError) -> [Int] {
        switch change {
        case .delete(let numbers):
            mark(numbers.isEmpty ? [currentVersion] : numbers) { if !$0.isDeleted(at: now) { $0.deletionTime = now } }
        case .undelete(let numbers):
            try requireVersions(numbers)
            mark(numbers) { $0.deletionTime = nil }
        case .destroy(let numbers):
            try requireVersions(numbers)
            let destroyed = versions.filter { numbers.contains($0.number) && !$0.isDestroyed }.map(\.number)
            mark(numbers) { $0.isDestroyed = true }
            if !destroyed.isEmpty { updateTime = now }
            return destroyed
        case .settings(let maxVersions, let requiresCheckAndSet, let deleteVersionAfter, let customMetadata):
            try set(maxVersions, requiresCheckAndSet, deleteVersionAfter, customMetadata)
        case .remove: return versions.filter { !$0.isDestroyed }.map(\.number)
        }
        updateTime = now
        return []
    }

    /// The version that may be read: `number`, or the current one for `nil` and 0.
    ///
    /// - Throws: `.notFound` for one that was never written, is no longer kept, is deleted or destroyed.
    public func readable(_ number: Int?, at now: WallTime) throws(ClusterError) -> Version {
        let wanted = number.flatMap { $0 == 0 ? nil : $0 } ?? currentVersion
        guard let version = versions.first(where: { $0.number == wanted }) else {
            throw ClusterError(
                .notFound,
                versions.isEmpty
                    ? "secret \(path) has no version yet" : "secret \(path) has no version \(wanted), or no longer")
        }
        guard !version.isDestroyed else {
            throw ClusterError(.notFound, "version \(wanted) of secret \(path) is destroyed")
        }
        guard !version.isDeleted(at: now) else {
            throw ClusterError(.notFound, "version \(wanted) of secret \(path) is deleted; it can be undeleted")
        }
        return version
    }

    private mutating func mark(_ numbers: [Int], _ body: (inout Version) -> Void) {
        for index in versions.indices where numbers.contains(versions[index].number) {
            if !versions[index].isDestroyed { body(&versions[index]) }
        }
    }

    private func requireVersions(_ numbers: [Int]) throws(ClusterError) {
        guard numbers.isEmpty else { return }
        throw ClusterError(.invalid, "no version of secret \(path) is named: say which")
    }

    private mutating func set(
        _ maxVersions: Int?, _ requiresCheckAndSet: Bool?, _ deleteVersionAfter: Duration?,
        _ customMetadata: [String: String]?
    ) throws(ClusterError) {
        if let maxVersions, maxVersions < 0 {
            throw ClusterError(.invalid, "a secret keeps \(maxVersions) versions: say a number from 0")
        }
        if let deleteVersionAfter, deleteVersionAfter < .zero {
            throw ClusterError(.invalid, "versions are deleted before they are written: say a duration from 0s")
        }
        if let customMetadata { try Self.check(customMetadata) }
        self.maxVersions = maxVersions ?? self.maxVersions
        self.requiresCheckAndSet = requiresCheckAndSet ?? self.requiresCheckAndSet
        self.deleteVersionAfter = deleteVersionAfter ?? self.deleteVersionAfter
        self.customMetadata = customMetadata ?? self.customMetadata
    }

    /// Vault's limits.
    private static func check(_ metadata: [String: String]) throws(ClusterError) {
        guard metadata.count <= 64 else {
            throw ClusterError(.invalid, "custom metadata has \(metadata.count) entries, more than 64")
        }
        for name in metadata.keys.sorted() {
            guard (1...128).contains(name.utf8.count) else {
                throw ClusterError(.invalid, "a name in custom metadata has \(name.utf8.count) bytes, not 1 to 128")
            }
            guard let value = metadata[name], value.utf8.count <= 512 else {
                throw ClusterError(.invalid, "\(name) in custom metadata has more than 512 bytes")
            }
        }
    }
}

extension SecretRecord.Version {
    /// Whether it is deleted at that time. One that is deleted later than that can still be read.
    public func isDeleted(at time: WallTime) -> Bool { deletionTime.map { $0 <= time } ?? false }
}
