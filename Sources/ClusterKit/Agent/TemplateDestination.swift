/// Where the file of a template goes: steps from the task's folder, none of which leads up or out.
package struct TemplateDestination: Hashable, Sendable {
    /// The folders on the way and the file's name.
    package let steps: [String]

    /// More steps than these are refused.
    private static let deepest = 16

    /// Resolves a destination as a job states it. Throws `ClusterError(.invalid)` when it leads, or may lead, anywhere
    /// but into the task's folder.
    package init(_ stated: String, interpolation: Interpolation, folders: TaskFolders) throws(ClusterError) {
        let path = interpolation.resolve(stated)
        func refusal(_ reason: String) -> ClusterError {
            ClusterError(.invalid, "a template's destination \(stated.quotedForDisplay) \(reason)")
        }
        guard !path.utf8.contains(0) else { throw refusal("must not hold NUL") }
        if let start = path.firstRange(of: "${") {
            let name = path[start.lowerBound...].prefix(40)
            throw refusal("names \(String(name).quotedForDisplay), which this node does not know")
        }
        var rest = Substring(path)
        if path.hasPrefix("/") {
            guard path.hasPrefix(folders.task + "/") else {
                throw refusal("lies outside the task's folder; begin it by local/ or ${NOMAD_SECRETS_DIR}/")
            }
            rest = path.dropFirst(folders.task.count)
        }
        let steps = rest.split(separator: "/").filter { $0 != "." }.map(String.init)
        guard !steps.contains("..") else { throw refusal("must not hold \"..\"") }
        guard !rest.hasSuffix("/"), !rest.hasSuffix("/."), let name = steps.last else {
            throw refusal("must name a file")
        }
        guard steps.count <= Self.deepest, steps.allSatisfy({ $0.utf8.count <= 200 }) else {
            throw refusal("has more than \(Self.deepest) steps, or one of more than 200 bytes")
        }
        guard steps.count > 1 || !["local", "secrets", "tmp"].contains(name) else {
            throw refusal("is one of the task's own folders; name a file in it")
        }
        self.steps = steps
    }
}
