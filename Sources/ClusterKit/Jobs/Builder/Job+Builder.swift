extension Job {
    /// States a job in Swift: groups, and what holds for all of them.
    ///
    /// ```swift
    /// let job = Job("hello", kind: .batch) {
    ///     Group("greeters", count: 3) {
    ///         TaskSpec("greet", command: "/bin/echo", "hello")
    ///     }
    /// }
    /// ```
    ///
    /// Rules are checked where the job is used, or by `validated()`.
    public init(
        _ id: String, namespace: String = "default", kind: JobKind = .service, priority: Int = 50,
        datacenters: [String] = ["*"], nodePool: String = "default", @PartsBuilder<Job> _ parts: () -> [Part<Job>]
    ) {
        self.init(
            id: JobID(id, namespace: namespace), kind: kind, priority: priority, datacenters: datacenters,
            nodePool: nodePool)
        for part in parts() { part.add(&self) }
    }
}

extension PartsBuilder where Whole == Job {
    /// Adds a group.
    public static func buildExpression(_ group: Group) -> [Part<Job>] {
        [Part { job in job.groups.append(group.taskGroup(of: job.kind)) }]
    }
    /// Adds a demand on nodes.
    public static func buildExpression(_ constraint: Constraint) -> [Part<Job>] {
        [Part { $0.constraints.append(constraint) }]
    }
    /// Adds a wish about nodes.
    public static func buildExpression(_ affinity: Affinity) -> [Part<Job>] {
        [Part { $0.affinities.append(affinity) }]
    }
    /// Adds a wish to scatter instances.
    public static func buildExpression(_ spread: Spread) -> [Part<Job>] { [Part { $0.spreads.append(spread) }] }
    /// Waits for another job.
    public static func buildExpression(_ dependency: JobDependency) -> [Part<Job>] {
        [Part { $0.after.append(dependency) }]
    }
    /// Sets the rules of roll-outs.
    public static func buildExpression(_ update: UpdateStrategy) -> [Part<Job>] { [Part { $0.update = update }] }
    /// Adds free words.
    public static func buildExpression(_ meta: Meta) -> [Part<Job>] { [Part { $0.meta.add(meta.words) }] }
}
