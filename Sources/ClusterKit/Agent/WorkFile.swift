#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file in which a task tells how its work stands, a JSON object:
/// `{"busy": true, "progress": 0.4, "keep_cost": 12.5}`. What is left out is false, unknown and 0.
///
/// A task writes it when something changes, best to another name first and renamed then, so that nobody reads half of
/// it.
package enum WorkFile {
    private static let limit = 4096

    /// Where it is: tasks find it as `NOMAD_WORK_FILE`.
    package static func path(in folders: TaskFolders) -> String { folders.local + "/work.json" }

    static func remove(from folders: TaskFolders) { _ = unlink(path(in: folders)) }

    /// The bytes of the file; `nil` when it is not there, or anything but a small file.
    static func read(_ path: String) -> [UInt8]? {
        // A pipe that nobody writes to must not hold the agent up, and a link could lead anywhere.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    /// What the bytes of a file say. Throws `.invalid` with what is wrong.
    package static func status(_ bytes: [UInt8], at time: WallTime) throws(ClusterError) -> WorkStatus {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw ClusterError(.invalid, "it is no JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw ClusterError(.invalid, "it must be an object such as {\"busy\": true}, it is \(value.typeName)")
        }
        var status = WorkStatus(isBusy: false, time: time)
        switch object["busy"] {
        case nil, .null: break
        case .bool(let isBusy): status.isBusy = isBusy
        default: throw ClusterError(.invalid, "busy must be true or false")
        }
        status.progress = try number("progress", in: object)
        if let progress = status.progress, !(0...1).contains(progress) {
            throw ClusterError(.invalid, "progress must lie in 0...1, it is \(progress)")
        }
        status.keepCost = try number("keep_cost", in: object) ?? 0
        return status
    }

    private static func number(_ name: String, in object: JSONObject) throws(ClusterError) -> Double? {
        switch object[name] {
        case nil, .null: return nil
        case .integer(let number): return Double(number)
        case .number(let number) where number.isFinite: return number
        default: throw ClusterError(.invalid, "\(name) must be a number")
        }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
