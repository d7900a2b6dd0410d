import CLinux

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The folders of allocations under `DATA/alloc`: `ALLOC_ID/alloc/{data,logs,tmp}` for all tasks of an allocation and
/// `ALLOC_ID/TASK/{local,secrets,tmp}` for each.
///
/// Modes: tasks run as the agent's user, so no folder is open for others to write, unlike Nomad's, whose 0777 lets
/// every local account change a task's files. Folders on the way (0711) can be passed by who knows the name but not
/// listed; secrets are the agent's alone (0700).
package struct AllocationFolders: Sendable {
    /// The folder that holds one folder for each allocation.
    package let root: String
    private let secrets: AgentConfiguration.SecretsPlace

    /// The size of a file system for secrets, as Nomad's.
    private static let memoryOptions = "size=1m,mode=0700"

    /// Keeps allocations in `dataFolder/alloc`, which is made when it is not there.
    package init(dataFolder: String, secrets: AgentConfiguration.SecretsPlace = .memory) throws {
        root = dataFolder + "/alloc"
        self.secrets = secrets
        let data = try OpenFolder(path: dataFolder)
        _ = try data.make("alloc", mode: 0o711)
    }

    /// Where a task finds its files.
    package func folders(_ id: AllocationID, task: String) -> TaskFolders {
        TaskFolders(task: "\(root)/\(id)/\(task)", shared: "\(root)/\(id)/alloc")
    }

    /// Makes the folders of an allocation; those that are there stay as they are.
    package func prepare(_ id: AllocationID, tasks: [String]) throws {
        let allocation = try OpenFolder(path: root).make(id.description, mode: 0o711)
        let shared = try allocation.make("alloc", mode: 0o755)
        for name in ["data", "logs", "tmp"] { _ = try shared.make(name, mode: 0o755) }
        for task in tasks {
            // On file systems that ignore case "ALLOC" would be the shared folder.
            guard task.lowercased() != "alloc" else {
                throw ClusterError(
                    .invalid, "a task cannot be called \"\(task)\": the shared folder has that name; rename it")
            }
            let folder = try allocation.make(task, mode: 0o755)
            for name in ["local", "tmp"] { _ = try folder.make(name, mode: 0o755) }
            try makeSecrets(in: folder)
        }
    }

    /// Whether nothing more can be written below `root`: less than a MiB is left for others than the administrator, or
    /// no file can be made any more.
    package var isDiskFull: Bool {
        var figures = statvfs()
        guard statvfs(root, &figures) == 0 else { return false }
        let (free, overflow) = UInt64(figures.f_bavail).multipliedReportingOverflow(by: UInt64(figures.f_frsize))
        return !overflow && free < 1_048_576 || figures.f_files > 0 && figures.f_favail == 0
    }

    /// How full the file system below `root` is, counted as `df` does; `nil` when it cannot be asked.
    var fill: DiskFill? {
        var space = FileSystemSpace()
        guard space.read(root) else { return nil }
        let used = space.size - space.free
        let percent = { (part: Double, whole: Double) in whole > 0 ? part / whole * 100 : 0 }
        return DiskFill(
            bytes: percent(used, used + space.available), inodes: percent(space.inodes - space.freeInodes, space.inodes)
        )
    }

    /// Removes the folders of an allocation and all in them, and nothing elsewhere. May be repeated.
    package func remove(_ id: AllocationID) throws {
        try OpenFolder(path: root).remove(id.description)
    }

    /// Takes the tasks' secrets out of memory: for an allocation that has ended and whose agent ends, so that nothing
    /// stays mounted for its sake. The other files stay. May be repeated.
    package func dropSecrets(_ id: AllocationID) throws {
        guard let allocation = try OpenFolder(path: root).folderIfThere(id.description) else { return }
        for task in try allocation.names() {
            guard let folder = try allocation.folderIfThere(task) else { continue }
            try folder.unmount("secrets")
        }
    }

    private func makeSecrets(in task: borrowing OpenFolder) throws {
        let folder = try task.make("secrets", mode: 0o700)
        #if os(Linux)
            // Already mounted by an agent before this one, or not to be mounted.
            guard secrets == .memory, geteuid() == 0,
                cluster_device(folder.descriptor) == cluster_device(task.descriptor)
            else { return }
            // Inside a container the right to mount may be missing: the folder itself then is the place.
            _ = cluster_mount_memory(folder.descriptor, Self.memoryOptions)
        #endif
    }
}
