/// Keeps records for parts of a server: what it writes goes through the server's core like every other change.
struct ServerKeeper: RecordKeeper {
    let store: any Store
    let loop: Loop<ServerCore>
    let requests: ServerReplies

    var snapshot: Snapshot { store.durable }

    func keep(_ changes: [Change], if preconditions: [Precondition]) async throws -> Revision {
        let reply = try await requests.wait { loop.post(.request($0, .keep(changes, preconditions))) }
        guard case .receipt(let receipt) = reply else {
            throw ClusterError(.internal, "a write was answered without a receipt")
        }
        return receipt.revision
    }
}

extension Server: RecordKeeper {
    /// Writes changes of keys and secrets, all or nothing, and gives the revision once that is durable.
    public func keep(_ changes: [Change], if preconditions: [Precondition]) async throws -> Revision {
        guard changes.allSatisfy(\.isKept) else {
            throw ClusterError(.invalid, "only keys and secrets are kept this way")
        }
        return try await receipt(for: .keep(changes, preconditions)).revision
    }

    /// The services that run, for whoever names them and routes to them.
    public var registry: StoreRegistry { StoreRegistry(store: store, gate: gate) }
}
