import CLinux

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder held open: everything in it is reached by name from here, one step at a time and without following links,
/// so that nothing a task puts in its place leads elsewhere.
struct OpenFolder: ~Copyable {
    /// The descriptor; processes that are started do not inherit it.
    let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens the folder at `path`.
    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure("open the folder \(path)") }
        self.init(descriptor: descriptor)
    }

    /// Opens the folder called `name` in this one.
    func folder(_ name: String) throws -> OpenFolder {
        try Self.check(name)
        let found = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard found >= 0 else { throw SystemFailure("open the folder \(name)") }
        return OpenFolder(descriptor: found)
    }

    /// Opens the folder called `name` in this one; `nil` when nothing has that name, or something that is no folder.
    func folderIfThere(_ name: String) throws -> OpenFolder? {
        var device: UInt64 = 0
        guard cluster_entry_kind(descriptor, name, &device) == 1 else { return nil }
        return try folder(name)
    }

    /// Takes off what is mounted on the folder `name`; nothing when there is none.
    func unmount(_ name: String) throws {
        var device: UInt64 = 0
        if cluster_entry_kind(descriptor, name, &device) == 1 { try unmount(name, device: device) }
    }

    /// Makes the folder called `name`, unless it is there, with exactly `mode`, whatever the process's mask is.
    func make(_ name: String, mode: mode_t) throws -> OpenFolder {
        try Self.check(name)
        if mkdirat(descriptor, name, mode) != 0, errno != EEXIST { throw SystemFailure("make the folder \(name)") }
        let made = try folder(name)
        guard fchmod(made.descriptor, mode) == 0 else { throw SystemFailure("set the mode of the folder \(name)") }
        return made
    }

    /// Refuses names that are more than one step, or a step up.
    static func check(_ name: String) throws {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255,
            !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else {
            throw ClusterError(.invalid, "\"\(name)\" cannot be the name of a folder; use letters, digits and dashes")
        }
    }

    // MARK: - Removal

    /// Deeper folders than this are moved up before they are emptied, so that no nesting exhausts descriptors or stack.
    private static let deepest = 32

    /// Removes `name` and all in it. Links are removed, not followed; what is mounted in it is taken off, not emptied.
    /// A name that is not there is no error. May be repeated when it was interrupted.
    func remove(_ name: String) throws {
        try Self.check(name)
        var moved = 0
        try remove(name, depth: 0, moved: &moved, top: self, base: name)
        // Emptying what was moved, now or by a removal that was interrupted, may move more.
        while true {
            let left = try names().filter { $0.hasPrefix(Self.movedPrefix(name)) }
            if left.isEmpty { return }
            for each in left { try remove(each, depth: 0, moved: &moved, top: self, base: name) }
        }
    }

    private static func movedPrefix(_ name: String) -> String { ".\(name.prefix(200))." }

    /// Moves the folder `name` into `top` under the next name that nothing has: an empty folder aside.
    private func move(_ name: String, to top: borrowing OpenFolder, base: String, moved: inout Int) throws {
        while renameat(descriptor, name, top.descriptor, "\(Self.movedPrefix(base))\(moved)") != 0 {
            guard [ENOTEMPTY, EEXIST, ENOTDIR].contains(errno) else { throw SystemFailure("move the folder \(name)") }
            moved += 1
        }
        moved += 1
    }

    private func remove(
        _ name: String, depth: Int, moved: inout Int, top: borrowing OpenFolder, base: String
    ) throws {
        var device: UInt64 = 0
        switch cluster_entry_kind(descriptor, name, &device) {
        case 0: return
        case 1: break
        case 2:
            guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw SystemFailure("remove \(name)") }
            return
        default: throw SystemFailure("look at \(name)")
        }
        if depth == Self.deepest { return try move(name, to: top, base: base, moved: &moved) }
        try unmount(name, device: device)
        let found = try reachable(name)
        try found.removeContents(depth: depth + 1, moved: &moved, top: top, base: base)
        guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw SystemFailure("remove the folder \(name)")
        }
    }

    /// Opens a folder, also one that its owner closed to itself.
    private func reachable(_ name: String) throws -> OpenFolder {
        do {
            return try folder(name)
        } catch let failure as SystemFailure where failure.number == EACCES {
            fchmodat(descriptor, name, 0o700, 0)
            return try folder(name)
        }
    }

    private func removeContents(depth: Int, moved: inout Int, top: borrowing OpenFolder, base: String) throws {
        for name in try names() { try remove(name, depth: depth, moved: &moved, top: top, base: base) }
    }

    /// The names in the folder.
    func names() throws -> [String] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let list = cluster_open_names(copy) else {
            if copy >= 0 { close(copy) }
            throw SystemFailure("list a folder")
        }
        defer { cluster_close_names(list) }
        var names: [String] = []
        while let name = cluster_next_name(list) { names.append(String(cString: name)) }
        return names.sorted()
    }

    private func unmount(_ name: String, device: UInt64) throws {
        #if os(Linux)
            guard device != cluster_device(descriptor) else { return }
            let mounted = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard mounted >= 0 else { throw SystemFailure("open the folder \(name)") }
            defer { close(mounted) }
            guard cluster_unmount(mounted) == 0 else { throw SystemFailure("unmount \(name)") }
        #endif
    }
}

/// A call of the system that failed, in words.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String
    let number: Int32

    /// Takes the reason from `errno`, so it must be made right after the call.
    init(_ what: String) {
        number = errno
        description = "cannot \(what): \(String(cString: strerror(number)))"
    }
}
