extension Schedule {
    /// The times that `spec` states, with those of its zone.
    ///
    /// - Throws: `.invalid` for an expression that is none.
    package init(_ spec: PeriodicSpec, in zone: TimeZoneRules) throws(ClusterError) {
        var expressions: [CronExpression] = []
        for text in spec.crons { expressions.append(try CronExpression(text)) }
        self.init(expressions, in: zone)
    }
}

extension Job {
    /// Whether it runs nothing itself: its work is that of the jobs that it makes.
    public var isParent: Bool { periodic != nil || parameterized != nil }
}
