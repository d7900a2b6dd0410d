import ClusterKit

/// A request that found its route, with all that handlers need of it.
struct APIRequest: Sendable {
    /// The server that answers.
    let server: Server
    /// Whose manners the listener has.
    let dialect: Dialect
    /// Where this server is reached.
    let address: String
    /// Who asks.
    let caller: Caller
    /// The name of the parameter in the path; empty for none.
    let parameter: String
    /// What stands in its place, decoded.
    let argument: String
    /// What stands behind the `?`.
    let query: Query
    /// The bytes of the body.
    let body: [UInt8]

    /// The namespace that is meant; `*` means all.
    var namespace: String {
        guard let name = query["namespace"], !name.isEmpty else { return "default" }
        return name
    }

    /// The job in the path.
    var jobID: JobID { JobID(argument, namespace: namespace) }

    func allocationID() throws(ClusterError) -> AllocationID { try identifier("alloc") }

    func evaluationID() throws(ClusterError) -> EvaluationID { try identifier("eval") }

    func deploymentID() throws(ClusterError) -> DeploymentID { try identifier("deployment") }

    func nodeID() throws(ClusterError) -> NodeID { try identifier("node") }

    private func identifier<Subject>(_ noun: String) throws(ClusterError) -> Identifier<Subject> {
        if let id = Identifier<Subject>(argument) { return id }
        let fault = argument.utf8.count == 36 ? "must be hexadecimal digits and dashes" : "must be 36 characters"
        throw ClusterError(.invalid, "\(noun) lookup failed: index error: UUID \(fault)")
    }

    /// Whether what lives in `namespace` is asked for and may be seen.
    func shows(_ namespace: String) -> Bool {
        guard self.namespace == "*" || self.namespace == namespace else { return false }
        return (try? server.authorize(caller, to: .readJobs(namespace: namespace))) != nil
    }

    /// Refuses what would otherwise be ignored silently, in lists.
    func refuseFilter() throws(ClusterError) {
        guard let filter = query["filter"], !filter.isEmpty else { return }
        throw ClusterError(
            .invalid,
            "this server does not evaluate filter expressions; leave out filter=\(filter) and choose from the list"
        )
    }
}
