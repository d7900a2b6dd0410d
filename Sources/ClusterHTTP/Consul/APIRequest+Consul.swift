import ClusterKit

extension APIRequest {
    /// Refuses a datacenter that is not known here, and what only Consul's paid edition has.
    func refuseOtherDatacenters(than own: String) throws(ClusterError) {
        if let datacenter = query["dc"], !datacenter.isEmpty, datacenter != own,
            !server.snapshot.catalog.machines.contains(where: { $0.datacenter == datacenter })
        {
            throw ClusterError(.internal, "No path to datacenter")
        }
        for name in ["ns", "partition"] {
            guard let value = query[name], !value.isEmpty, value != "default" else { continue }
            throw ClusterError(
                .invalid,
                "Invalid query parameter: \"\(name)\": there is only \"default\" here, not \"\(value)\"; leave it out")
        }
    }

    /// Whether what stands in `datacenter` is asked for: without `dc`, everything is.
    func wants(_ datacenter: String) -> Bool {
        guard let wanted = query["dc"], !wanted.isEmpty else { return true }
        return wanted == datacenter
    }

    /// Whether a machine with these words is asked for by `node-meta=key:value`, which may be repeated.
    func wantsNode(with meta: [String: String]) -> Bool {
        query.all("node-meta").allSatisfy { pair in
            let parts = pair.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1]) : ""
            return meta[String(parts[0])] == value
        }
    }

    /// Whether words have all that `tag` asks for, which may be repeated.
    func wantsService(tagged tags: [String]) -> Bool {
        let wanted = query.all("tag").filter { !$0.isEmpty }
        guard !wanted.isEmpty else { return true }
        let known = Set(tags.map { $0.lowercased() })
        return wanted.allSatisfy { known.contains($0.lowercased()) }
    }
}
