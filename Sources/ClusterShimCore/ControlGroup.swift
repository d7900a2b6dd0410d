#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A control group of Linux's that holds all processes of one task, so that none escapes its end. Where the system has
/// none, or does not let this process make one, tasks do without.
package struct ControlGroup: Hashable, Sendable {
    /// Its folder, an absolute path.
    package let path: String

    /// Takes up a group that was made before.
    package init?(path: String) {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        self.path = path
    }

    /// Makes an empty group, or takes up one left behind; `nil` where that is not possible.
    package static func make(named name: String) -> ControlGroup? {
        guard let mounts = contents(of: "/proc/self/mountinfo") else { return nil }
        for root in roots(mountInfo: mounts) {
            let parent = root + "/clusterkit"
            _ = mkdir(parent, 0o755)
            guard let group = ControlGroup(path: parent + "/" + name) else { continue }
            guard mkdir(group.path, 0o755) == 0 || errno == EEXIST else { continue }
            if group.openMembers() != nil { return group }
            group.remove()
        }
        return nil
    }

    /// The groups of a name that are there, whoever made them.
    package static func remains(named name: String) -> [ControlGroup] {
        guard let mounts = contents(of: "/proc/self/mountinfo") else { return [] }
        return roots(mountInfo: mounts).compactMap { root in
            let path = "\(root)/clusterkit/\(name)"
            return access(path, F_OK) == 0 ? ControlGroup(path: path) : nil
        }
    }

    /// Where groups that can end their members are mounted, the best first: version 2, then version 1's freezer.
    package static func roots(mountInfo: String) -> [String] {
        var unified: [String] = []
        var freezers: [String] = []
        for line in mountInfo.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { continue }
            let place = String(fields[4])
            switch fields[dash + 1] {
            case "cgroup2": unified.append(place)
            case "cgroup":
                if fields[dash + 3].split(separator: ",").contains("freezer") { freezers.append(place) }
            default: continue
            }
        }
        return unified + freezers
    }

    /// The open list of members; whoever writes `0` to it joins.
    package func openMembers() -> Descriptor? { Descriptor.open(path + "/cgroup.procs", O_WRONLY) }

    /// The numbers of its processes.
    package var members: [Int32] {
        (contents(of: path + "/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Whether nothing runs in it, nor in groups below it; true also when it is gone.
    package var isEmpty: Bool {
        if let events = contents(of: path + "/cgroup.events") { return !events.contains("populated 1") }
        return members.isEmpty
    }

    /// Sends `SIGKILL` to all that is in it. What is just being started may be missed where the system cannot do it in
    /// one step, so repeat until it is empty.
    package func kill() {
        if write("1", to: "cgroup.kill") { return }
        // Frozen processes neither end nor start others, so the numbers that were read stay true.
        let frozen = write("FROZEN", to: "freezer.state")
        for member in members where member > 1 { _ = systemKill(member, SIGKILL) }
        if frozen { _ = write("THAWED", to: "freezer.state") }
    }

    /// Whether the system ended a process in it for want of memory. Unknown counts as no.
    package var ranOutOfMemory: Bool {
        (contents(of: path + "/memory.events") ?? "").split(separator: "\n")
            .contains { $0.hasPrefix("oom_kill ") && $0 != "oom_kill 0" }
    }

    /// Removes the group and those below it; false while something still runs in it.
    @discardableResult package func remove() -> Bool {
        if let folder = Descriptor.open(path, O_RDONLY | O_DIRECTORY) {
            for name in names(in: folder) where !name.contains(".") {
                if let inner = ControlGroup(path: path + "/" + name) { inner.remove() }
            }
        }
        return rmdir(path) == 0 || errno == ENOENT || errno == ENOTDIR
    }

    private func write(_ word: String, to name: String) -> Bool {
        guard let file = Descriptor.open(path + "/" + name, O_WRONLY) else { return false }
        return file.write(Array(word.utf8))
    }
}

private func systemKill(_ pid: Int32, _ number: Int32) -> Int32 { kill(pid, number) }
