/// What the `${…}` in a service's name stand for.
public struct ServiceNames: Sendable {
    private var values: [String: String]

    /// The names around a service; `task` is empty for a service of the group.
    public init(job: String, group: String, task: String) {
        let base = task.isEmpty ? "\(job)-\(group)" : "\(job)-\(group)-\(task)"
        values = ["JOB": job, "TASKGROUP": group, "TASK": task, "BASE": base]
    }

    /// The name of a service that states none.
    public var standard: String { values["BASE"] ?? "" }

    /// Replaces `${JOB}`, `${TASKGROUP}`, `${TASK}` and `${BASE}`; what is in the braces of others is given to `other`.
    public func replacing(in text: String, other: (Substring) -> String = { "${\($0)}" }) -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let name = rest[start.upperBound..<end]
            result += rest[..<start.lowerBound]
            result += values[String(name)] ?? other(name)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
