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

    /// The group below which all are made, as the system counts from the top of its groups.
    package static let parent = "/clusterkit"

    /// Makes an empty group whose name begins with `name`; `nil` where that is not possible. No two groups ever have
    /// one name, so that whoever remembers an old one cannot reach the members of a new one.
    package static func make(for name: String) -> ControlGroup? {
        guard let mounts = contents(of: "/proc/self/mountinfo") else { return nil }
        let unique = name + "." + String(UInt64.random(in: 0 ... .max), radix: 16)
        for root in roots(mountInfo: mounts) {
            let parent = root + Self.parent
            _ = mkdir(parent, 0o755)
            guard let group = ControlGroup(path: parent + "/" + unique), mkdir(group.path, 0o755) == 0 else { continue }
            if group.openMembers() != nil { return group }
            group.remove()
        }
        return nil
    }

    /// The groups that were made for `name` and are still there.
    package static func remains(of name: String) -> [ControlGroup] {
        guard let mounts = contents(of: "/proc/self/mountinfo") else { return [] }
        var groups: [ControlGroup] = []
        for root in roots(mountInfo: mounts) {
            let parent = root + Self.parent
            guard let opened = Descriptor.open(parent, O_RDONLY | O_DIRECTORY) else { continue }
            for entry in names(in: opened) where entry.hasPrefix(name + ".") {
                if let group = ControlGroup(path: parent + "/" + entry) { groups.append(group) }
            }
        }
        return groups
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
