extension Server: TemplateLink {
    /// So many queries are answered at once.
    private static let mostQueries = 256

    public func values(
        of queries: [TemplateQuery], for allocation: AllocationID, from node: NodeID, after: Revision, wait: Duration
    ) async throws -> TemplateAnswer {
        guard queries.count <= Self.mostQueries else {
            throw ClusterError(
                .tooLarge,
                "the templates of a task ask for \(queries.count) things; at most \(Self.mostQueries) are told")
        }
        try check(queries, of: allocation, on: node)
        let store = store
        let isNewer: @Sendable () -> Bool = { store.durable.revision(of: queries) > after }
        // A first question is answered at once, also about what never was.
        if after > .zero, !isNewer() { await waitForChange(of: queries, atMost: wait, unless: isNewer) }
        // It may have been moved meanwhile.
        try check(queries, of: allocation, on: node)
        let snapshot = store.durable
        var values: [TemplateQuery: TemplateValue] = [:]
        for query in queries { values[query] = await value(of: query, in: snapshot) }
        // Never zero, which would ask for an answer at once again. An allocation that runs is of a later revision.
        return TemplateAnswer(values: values, revision: max(Revision(1), snapshot.revision(of: queries)))
    }

    /// A node is told what the templates of its allocations can ask for: one that was broken into does not tell the
    /// secrets of others.
    private func check(_ queries: [TemplateQuery], of id: AllocationID, on node: NodeID) throws {
        let snapshot = store.durable
        guard let allocation = snapshot.allocations[id], allocation.node == node, !allocation.isTerminal else {
            throw ClusterError(
                .denied, "allocation \(id.short) does not run on node \(node.short); only its node is told its secrets")
        }
        let tasks = snapshot.job(of: allocation)?.group(allocation.group)?.tasks ?? []
        guard tasks.contains(where: { !$0.templates.isEmpty }) else {
            throw ClusterError(.denied, "the job of allocation \(id.short) states no templates")
        }
        var scope = TemplateScope()
        for spec in tasks.flatMap(\.templates) {
            // The agent says what is wrong with one that cannot be read; it asks for nothing.
            let template = try? Template(
                parsing: spec.data, leftDelimiter: spec.leftDelimiter, rightDelimiter: spec.rightDelimiter)
            if let template { scope.add(template) }
        }
        if let stray = queries.first(where: { !scope.allows($0) }) {
            throw ClusterError(.denied, "no template of allocation \(id.short) can ask for \(stray)")
        }
    }

    private func waitForChange(
        of queries: [TemplateQuery], atMost wait: Duration, unless isNewer: @escaping @Sendable () -> Bool
    ) async {
        let hub = hub
        await withTaskGroup(of: Void.self) { group in
            for topic in Set(queries.map(\.topic)) {
                group.addTask { await hub.wait(for: topic, atMost: wait, unless: isNewer) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func value(of query: TemplateQuery, in snapshot: Snapshot) async -> TemplateValue {
        switch query {
        case .secret(let path, let version): return await secret(path, version)
        case .secretList(let path):
            do {
                return .names(try await secrets.list(path))
            } catch {
                return Self.refusal(error)
            }
        case .key(let key): return snapshot.keys[key].map(TemplateValue.key) ?? .absent
        case .keys(let prefix):
            let keys = snapshot.keys.sortedKeys.filter { $0.utf8.starts(with: prefix.utf8) }
            return .keys(keys.compactMap { snapshot.keys[$0] })
        case .service(let name, let tag, let health):
            return .instances(
                snapshot.catalog.instances(of: name).filter { instance in
                    health.contains(instance.health) && tag.map(instance.tags.contains) != false
                })
        case .services:
            let catalog = snapshot.catalog
            return .services(catalog.names.map { ($0, catalog.tags(of: $0)) })
        }
    }

    private func secret(_ path: SecretPath, _ version: Int?) async -> TemplateValue {
        do {
            let value = try await secrets.read(path, version: version)
            return .secret(value.values.reveal(), version: value.version, customMetadata: value.customMetadata)
        } catch {
            return Self.refusal(error)
        }
    }

    private static func refusal(_ error: any Error) -> TemplateValue {
        guard let error = error as? ClusterError else { return .unavailable("the store of secrets failed") }
        return error.code == .notFound ? .absent : .unavailable(error.message)
    }
}

extension TemplateQuery {
    /// What wakes whoever waits for it.
    fileprivate var topic: Topic {
        switch self {
        case .secret(let path, _): .secret(path)
        case .secretList: .secrets
        case .key(let key): .key(key)
        case .keys: .keys
        case .service(let name, _, _): .service(name)
        case .services: .services
        }
    }
}

extension Snapshot {
    /// The revision that last changed the answer to any of `queries`. What is not there takes that of the last removal.
    fileprivate func revision(of queries: [TemplateQuery]) -> Revision {
        queries.map(revision).max() ?? .zero
    }

    private func revision(of query: TemplateQuery) -> Revision {
        switch query {
        case .secret(let path, _): secrets[path]?.modifyRevision ?? secrets.removeRevision
        case .secretList: secrets.modifyRevision
        case .key(let key): keys[key]?.modifyRevision ?? keys.removeRevision
        case .keys: keys.modifyRevision
        case .service(let name, _, _): catalog.modifyRevision(of: name)
        case .services: catalog.modifyRevision
        }
    }
}
