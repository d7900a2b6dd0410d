extension Server: TemplateLink {
    /// So many queries are answered at once.
    private static let mostQueries = 256
    /// The most that is answered at once, in bytes.
    private static let largestAnswer = 8 << 20

    public func values(
        of queries: [TemplateQuery], for allocation: AllocationID, from node: NodeID, after: Revision, wait: Duration
    ) async throws -> TemplateAnswer {
        guard queries.count <= Self.mostQueries else {
            throw ClusterError(
                .tooLarge,
                "the templates of a task ask for \(queries.count) things; at most \(Self.mostQueries) are told")
        }
        _ = try check(queries, of: allocation, on: node)
        let store = store
        let isNewer: @Sendable () -> Bool = { store.durable.revision(of: queries) > after }
        // A first question is answered at once, also about what never was.
        if after > .zero, !isNewer() { await waitForChange(of: queries, atMost: wait, unless: isNewer) }
        // It may have been moved meanwhile.
        let scope = try check(queries, of: allocation, on: node)
        let snapshot = store.durable
        var values: [TemplateQuery: TemplateValue] = [:]
        var size = 0
        for query in queries {
            let value = try await value(of: query, in: snapshot, isNamed: scope.states(query))
            size += value.size
            try Self.check(size: size)
            values[query] = value
        }
        // Never zero, which would ask for an answer at once again. An allocation that runs is of a later revision.
        return TemplateAnswer(values: values, revision: max(Revision(1), snapshot.revision(of: queries)))
    }

    /// A node is told what the templates of its allocations can ask for: one that was broken into does not tell the
    /// secrets of others.
    private func check(
        _ queries: [TemplateQuery], of id: AllocationID, on node: NodeID
    ) throws -> TemplateScope {
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
            // Its name may be computed, from a secret even.
            throw ClusterError(
                .denied,
                "a template of allocation \(id.short) asks for \(stray.kindName), "
                    + "which its text cannot ask for")
        }
        return scope
    }

    private static func check(size: Int) throws {
        guard size > largestAnswer else { return }
        throw ClusterError(
            .tooLarge,
            "what the templates of a task ask for is larger than \(largestAnswer >> 20) MiB; "
                + "ask for fewer keys or secrets"
        )
    }

    private func waitForChange(
        of queries: [TemplateQuery], atMost wait: Duration, unless isNewer: @escaping @Sendable () -> Bool
    ) async {
        let hub = hub
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: wait) }
            for topic in Set(queries.map(\.topic)) {
                group.addTask {
                    // What wakes need not concern the queries: one service that changes wakes whoever waits for any.
                    while !isNewer(), !Task.isCancelled, !hub.isClosed {
                        await hub.wait(for: topic, atMost: wait, unless: isNewer)
                    }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func value(
        of query: TemplateQuery, in snapshot: Snapshot, isNamed: Bool
    ) async throws -> TemplateValue {
        switch query {
        case .secret(let path, let version): return await secret(path, version, isNamed: isNamed)
        case .secretList(let path):
            do {
                return .names(try await secrets.list(path))
            } catch {
                return Self.refusal(error, isNamed: isNamed)
            }
        case .keys(let prefix):
            // Before they are copied.
            try Self.check(size: snapshot.keys.below(prefix).reduce(0) { $0 + $1.key.utf8.count + $1.value.count })
            return snapshot.plainValue(of: query)
        case .key, .service, .services: return snapshot.plainValue(of: query)
        }
    }

    private func secret(_ path: SecretPath, _ version: Int?, isNamed: Bool) async -> TemplateValue {
        do {
            let value = try await secrets.read(path, version: version)
            return .secret(value.values.reveal(), version: value.version, customMetadata: value.customMetadata)
        } catch {
            return Self.refusal(error, isNamed: isNamed)
        }
    }

    /// Why a secret cannot be told. What is wrong with one secret names it, which only a template's own text may.
    private static func refusal(_ error: any Error, isNamed: Bool) -> TemplateValue {
        guard let error = error as? ClusterError else { return .unavailable("the store of secrets failed") }
        switch error.code {
        case .notFound: return .absent
        case .unavailable: return .unavailable(error.message)
        default: return .unavailable(isNamed ? error.message : "the store of secrets refuses it: \(error.code)")
        }
    }
}

extension TemplateQuery {
    /// What wakes whoever waits for it.
    fileprivate var topic: Topic {
        switch self {
        case .secret(let path, _): .secret(path)
        case .secretList: .secrets
        case .key(let key): .key(key)
        case .keys(let prefix): .keysBelow(prefix)
        case .service(let name, _, _): .service(name)
        case .services: .services
        }
    }
}

extension TemplateValue {
    /// About how many bytes it holds.
    fileprivate var size: Int { if case .known(let value) = self { Self.size(of: value) } else { 0 } }

    private static func size(of value: ConfigValue) -> Int {
        switch value {
        case .null, .bool, .int, .double: 8
        case .string(let text): text.utf8.count
        case .list(let values): values.reduce(0) { $0 + size(of: $1) }
        case .object(let values): values.reduce(0) { $0 + $1.key.utf8.count + size(of: $1.value) }
        }
    }
}

extension Snapshot {
    /// What is known of a query for keys or services. Secrets are in a store of their own: what is asked of them is
    /// unavailable here.
    package func plainValue(of query: TemplateQuery) -> TemplateValue {
        switch query {
        case .secret, .secretList: return .unavailable("the store of secrets is not asked")
        case .key(let key): return keys[key].map(TemplateValue.key) ?? .absent
        case .keys(let prefix): return .keys(keys.below(prefix))
        case .service(let name, let tag, let health):
            return .instances(
                catalog.instances(of: name).filter { instance in
                    health.contains(instance.health) && tag.map(instance.tags.contains) != false
                })
        case .services:
            let catalog = catalog
            return .services(catalog.names.map { ($0, catalog.tags(of: $0)) })
        }
    }

    /// The revision that last changed the answer to any of `queries`. What is not there takes that of the last removal.
    fileprivate func revision(of queries: [TemplateQuery]) -> Revision {
        queries.map(revision).max() ?? .zero
    }

    private func revision(of query: TemplateQuery) -> Revision {
        switch query {
        case .secret(let path, _): secrets[path]?.modifyRevision ?? secrets.removeRevision
        case .secretList: secrets.modifyRevision
        case .key(let key): keys.revision(of: key)
        case .keys(let prefix): keys.revision(below: prefix)
        case .service(let name, _, _): catalog.modifyRevision(of: name)
        case .services: catalog.modifyRevision
        }
    }
}
