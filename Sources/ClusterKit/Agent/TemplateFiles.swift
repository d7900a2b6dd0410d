import CLinux

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension AllocationFolders {
    /// Puts a file into the folder of a task in place of an older one. Links on the way are refused, and a link at the
    /// end is replaced, not followed, so whatever a task did to its folder, nothing outside it is written.
    ///
    /// Until it is complete, the file has another name, and nobody but the agent's user can read it.
    package func write(
        _ bytes: [UInt8], to destination: TemplateDestination, mode: UInt32, of id: AllocationID, task: String
    ) throws {
        guard let name = destination.steps.last else { return }
        let folder = try place(of: destination, id, task, isMade: true)
        try folder.replace(name, with: bytes, mode: mode_t(mode))
    }

    /// The file as it is; `nil` when there is none, it is no plain file, or it is longer than any template makes.
    package func read(_ destination: TemplateDestination, of id: AllocationID, task: String) -> [UInt8]? {
        guard let name = destination.steps.last, let folder = try? place(of: destination, id, task, isMade: false)
        else { return nil }
        return folder.contents(of: name, atMost: TemplateOutput.longest)
    }

    private func place(
        of destination: TemplateDestination, _ id: AllocationID, _ task: String, isMade: Bool
    ) throws -> OpenFolder {
        var folder = try OpenFolder(path: root).folder(id.description).folder(task)
        // What is made among secrets is for the agent's user alone.
        let mode: mode_t = destination.steps.first == "secrets" ? 0o700 : 0o755
        for step in destination.steps.dropLast() {
            if let there = try folder.folderIfThere(step) {
                folder = there
            } else if isMade {
                folder = try folder.make(step, mode: mode)
            } else {
                folder = try folder.folder(step)
            }
        }
        return folder
    }
}

extension OpenFolder {
    /// Replaces the file `name` by renaming, so that a reader sees the old one or the new one whole.
    fileprivate func replace(_ name: String, with bytes: [UInt8], mode: mode_t) throws {
        try Self.check(name)
        let fresh = ".\(name).new"
        if unlinkat(descriptor, fresh, 0) != 0, errno != ENOENT { throw SystemFailure("replace \(fresh)") }
        let file = openat(descriptor, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw SystemFailure("make \(fresh)") }
        do {
            defer { close(file) }
            try Self.fill(file, with: bytes, fresh)
            guard fchmod(file, mode) == 0 else { throw SystemFailure("set the mode of \(fresh)") }
            guard renameat(descriptor, fresh, descriptor, name) == 0 else { throw SystemFailure("rename \(fresh)") }
        } catch {
            _ = unlinkat(descriptor, fresh, 0)
            throw error
        }
    }

    private static func fill(_ file: Int32, with bytes: [UInt8], _ name: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure("write \(name)") }
            written += count
        }
    }

    private static func systemWrite(_ file: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.write(file, start, count)
        #elseif canImport(Glibc)
            Glibc.write(file, start, count)
        #else
            Musl.write(file, start, count)
        #endif
    }

    /// The bytes of a plain file; a pipe that somebody put in its place is not waited for.
    fileprivate func contents(of name: String, atMost limit: Int) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, Int(facts.st_size) <= limit else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { systemRead(file, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return nil }
            if got == 0 { break }
            count += got
        }
        return count > limit ? nil : Array(bytes[..<count])
    }

    private func systemRead(_ file: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.read(file, start, count)
        #elseif canImport(Glibc)
            Glibc.read(file, start, count)
        #else
            Musl.read(file, start, count)
        #endif
    }
}
