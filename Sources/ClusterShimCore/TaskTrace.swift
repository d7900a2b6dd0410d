/// One process among all that ever ran since the machine started: its number may be given to another later, number and
/// start together never are.
package struct ProcessIdentity: Hashable, Sendable {
    /// The process's number.
    package var pid: Int32
    /// When it started, in the system's own unit counted from the machine's start.
    package var start: UInt64

    /// Names a process.
    package init(pid: Int32, start: UInt64) {
        self.pid = pid
        self.start = start
    }
}

extension ProcessIdentity: LosslessStringConvertible {
    package var description: String { "\(pid) \(start)" }

    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        // Numbers up to 1 mean groups of processes or the system's first one: never what a task could be.
        guard parts.count == 2, let pid = Int32(parts[0]), pid > 1, let start = UInt64(parts[1]) else { return nil }
        self.init(pid: pid, start: start)
    }
}

/// All that is needed to find a started task again: kept in its state folder and in the driver's handle.
package struct TaskTrace: Hashable, Sendable {
    /// The run of the machine in which the two processes were started.
    package var boot: String
    /// Whoever watches over the task.
    package var shim: ProcessIdentity
    /// The task's first process, the leader of its session and process group; `nil` before it was started.
    package var task: ProcessIdentity?
    /// The folder of its control group; empty when it has none.
    package var group: String

    /// Describes a started task.
    package init(boot: String, shim: ProcessIdentity, task: ProcessIdentity?, group: String) {
        self.boot = boot
        self.shim = shim
        self.task = task
        self.group = group
    }

    /// The trace as names and values.
    package var facts: [String: String] {
        ["boot": boot, "shim": shim.description, "task": task?.description ?? "", "group": group]
    }

    /// Reads `facts`; `nil` when they are not a trace.
    package init?(facts: [String: String]) {
        guard let boot = facts["boot"], !boot.isEmpty, let shim = facts["shim"].flatMap(ProcessIdentity.init) else {
            return nil
        }
        self.init(
            boot: boot, shim: shim, task: facts["task"].flatMap(ProcessIdentity.init), group: facts["group"] ?? "")
    }

    /// The trace as lines of text.
    package var text: String {
        "boot \(boot)\nshim \(shim)\ntask \(task?.description ?? "")\ngroup \(group)\n"
    }

    /// Reads `text`; `nil` when it is not a trace.
    package init?(text: String) {
        var facts: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            facts[String(line[..<space])] = String(line[line.index(after: space)...])
        }
        self.init(facts: facts)
    }

    /// The name of the file in the state folder that holds the trace.
    package static let file = "trace"
}
