#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open file, socket or pipe; closed when the value's life ends.
package struct Descriptor: ~Copyable {
    /// The number that the system knows it by.
    package let number: Int32

    /// Takes over what a system call returned; `nil` when the call failed.
    package init?(_ number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    deinit { _ = close(number) }

    /// Hands the number over; whoever takes it closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Opens for reading or as `flags` say; never inherited by a program that is started.
    package static func open(_ path: String, _ flags: Int32 = O_RDONLY, mode: UInt16 = 0) -> Descriptor? {
        Descriptor(retrying { systemOpen(path, flags | O_CLOEXEC, mode_t(mode)) })
    }

    /// Opens a name within an open folder; a link in its last part is refused when `flags` hold `O_NOFOLLOW`.
    package static func open(
        _ name: String, in folder: borrowing Descriptor, _ flags: Int32, mode: UInt16 = 0
    ) -> Descriptor? {
        let folder = folder.number
        return Descriptor(retrying { openat(folder, name, flags | O_CLOEXEC, mode_t(mode)) })
    }

    /// Opens a folder whose last two parts must not be links: `…/alloc/logs`, where a task may write.
    package static func openFolder(_ path: String) -> Descriptor? {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            return open(path, flags)
        }
        guard let parent = open(String(path[..<slash]), flags) else { return nil }
        return open(String(path[path.utf8.index(after: slash)...]), in: parent, flags)
    }

    /// Writes all bytes; false when the system refuses, with the reason in `errno`.
    package func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let written = retrying { systemWrite(number, part.baseAddress, part.count) }
                guard written > 0 else { return false }
                rest = rest.dropFirst(written)
            }
            return true
        }
    }

    /// Reads to the end, at most `limit` bytes; `nil` when the system refuses.
    package func readAll(limit: Int = 1 << 20) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let room = min(4096, limit - bytes.count)
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
                count = retrying { read(number, buffer.baseAddress, room) }
                filled = max(0, count)
            }
            if count < 0 { return nil }
            if count == 0 { break }
            bytes += chunk
        }
        return bytes
    }
}

/// Makes the call again as long as a signal interrupts it.
package func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
    while true {
        let answer = call()
        if answer >= 0 || errno != EINTR { return answer }
    }
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
private func systemWrite(_ number: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(number, bytes, count)
}

/// Reads a small file whole; `nil` when it cannot be opened or read.
package func contents(of path: String, limit: Int = 1 << 20) -> String? {
    guard let file = Descriptor.open(path), let bytes = file.readAll(limit: limit) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}

/// The names in an open folder, in no order; none when it cannot be read.
package func names(in folder: borrowing Descriptor) -> [String] {
    let copy = openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { return [] }
    guard let list = fdopendir(copy) else {
        close(copy)
        return []
    }
    defer { closedir(list) }
    var names: [String] = []
    while let entry = readdir(list) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// The system's words for an error number.
package func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
