extension JobChange {
    /// Every field in which two statements differ, as a job file names it, in the order of a job file: `priority`,
    /// `group "web" > count`. A group or task that only one has is named as a whole.
    public static func changedFields(from old: Job, to new: Job) -> [String] {
        let (old, new) = (old.canonical(), new.canonical())
        var changes = FieldChanges<Job>(old, new, JobPath())
        changes.compare(\.name, "name")
        changes.compare(\.region, "region")
        changes.compare(\.kind, "type")
        changes.compare(\.priority, "priority")
        changes.compare(\.datacenters, "datacenters")
        changes.compare(\.nodePool, "node_pool")
        changes.compare(\.constraints, "constraint")
        changes.compare(\.affinities, "affinity")
        changes.compare(\.spreads, "spread")
        changes.compare(\.update, "update")
        changes.compare(\.meta, "meta")
        changes.compare(\.after, "after")
        changes.compare(\.periodic, "periodic")
        changes.compare(\.parameterized, "parameterized")
        changes.compare(\.groups, "group", name: \.name) { $0.compareGroup() }
        return changes.fields
    }
}

/// Gathers the names of the fields in which two values differ.
private struct FieldChanges<Whole> {
    let old: Whole
    let new: Whole
    let path: JobPath
    var fields: [String] = []

    init(_ old: Whole, _ new: Whole, _ path: JobPath) {
        self.old = old
        self.new = new
        self.path = path
    }

    mutating func compare<Value: Equatable>(_ field: KeyPath<Whole, Value>, _ name: String) {
        guard old[keyPath: field] != new[keyPath: field] else { return }
        fields.append(path.block(name).description)
    }

    /// Compares lists whose elements have names; the order of elements that both have means nothing.
    mutating func compare<Element: Equatable>(
        _ list: KeyPath<Whole, [Element]>, _ block: String, name: KeyPath<Element, String>,
        _ compare: (inout FieldChanges<Element>) -> Void
    ) {
        let before = old[keyPath: list]
        let after = new[keyPath: list]
        for element in after {
            let path = path.block(block, element[keyPath: name])
            guard let other = before.first(where: { $0[keyPath: name] == element[keyPath: name] }) else {
                fields.append(path.description)
                continue
            }
            guard element != other else { continue }
            var changes = FieldChanges<Element>(other, element, path)
            compare(&changes)
            fields += changes.fields
        }
        for element in before where !after.contains(where: { $0[keyPath: name] == element[keyPath: name] }) {
            fields.append(path.block(block, element[keyPath: name]).description)
        }
    }
}

extension FieldChanges<TaskGroup> {
    fileprivate mutating func compareGroup() {
        compare(\.count, "count")
        compare(\.after, "after")
        compare(\.gang, "gang")
        compare(\.constraints, "constraint")
        compare(\.affinities, "affinity")
        compare(\.spreads, "spread")
        compare(\.nodePools, "node_pools")
        compare(\.volumes, "volume")
        compare(\.restart, "restart")
        compare(\.reschedule, "reschedule")
        compare(\.disk, "ephemeral_disk")
        compare(\.network, "network")
        compare(\.services, "service")
        compare(\.update, "update")
        compare(\.migrate, "migrate")
        compare(\.scaling, "scaling")
        compare(\.meta, "meta")
        compare(\.shutdownDelay, "shutdown_delay")
        compare(\.runLimit, "max_run_duration")
        compare(\.disconnect, "disconnect")
        compare(\.atMostOne, "at_most_one")
        compare(\.tasks, "task", name: \.name) { $0.compareTask() }
    }
}

extension FieldChanges<TaskSpec> {
    fileprivate mutating func compareTask() {
        compare(\.driver, "driver")
        compare(\.config, "config")
        compare(\.environment, "env")
        compare(\.resources, "resources")
        compare(\.constraints, "constraint")
        compare(\.affinities, "affinity")
        compare(\.services, "service")
        compare(\.meta, "meta")
        compare(\.killTimeout, "kill_timeout")
        compare(\.killSignal, "kill_signal")
        compare(\.shutdownDelay, "shutdown_delay")
        compare(\.lifecycle, "lifecycle")
        compare(\.isLeader, "leader")
        compare(\.logs, "logs")
        compare(\.restart, "restart")
        compare(\.templates, "template")
        compare(\.payloadFile, "dispatch_payload")
    }
}
