import ClusterClient
import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keys and their values.
extension ConsulServer {
    static var keyRoutes: [APIRoute] {
        [
            APIRoute(.key, .readKeys, answer: readKey),
            APIRoute(.keys, .readKeys, answer: readKey),
            APIRoute(.writeKey, .writeKeys, bodyLimit: KeyRecord.largestValue, answer: writeKey),
            APIRoute(.writeKeys, .writeKeys, bodyLimit: KeyRecord.largestValue, answer: writeKey),
            APIRoute(.removeKey, .writeKeys, answer: removeKey),
            APIRoute(.removeKeys, .writeKeys, answer: removeKey),
        ]
    }

    // MARK: Reading

    private static func readKey(_ request: APIRequest) async throws -> APIAnswer {
        let key = request.argument
        if try request.query.flag("keys") || request.query.flag("recurse") { return try await readKeys(request) }
        try requireKey(key)
        let watch = Watch(.key(key))
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        guard let record = snapshot.keys[key] else { return .missing("", at: index) }
        if try request.query.flag("raw") {
            return APIAnswer(
                index: index, isRead: true, content: .bytes(record.value, type: "application/octet-stream"))
        }
        return .read(at: index, capacity: record.value.count * 4 / 3 + 256) { writer in
            writer.array(CollectionOfOne(record)) { $0.key($1) }
        }
    }

    /// Reads all keys that begin with the argument; a change of another key wakes nobody.
    private static func readKeys(_ request: APIRequest) async throws -> APIAnswer {
        let prefix = Array(request.argument.utf8)
        let watch = Watch(.keys) { snapshot in
            records(with: prefix, in: snapshot).map(\.modifyRevision).reduce(snapshot.keys.removeRevision, max)
        }
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        let found = records(with: prefix, in: snapshot).sorted { $0.key < $1.key }
        guard !found.isEmpty else { return .missing("", at: index) }
        guard try request.query.flag("keys") else {
            return .read(at: index, capacity: found.reduce(0) { $0 + $1.value.count * 4 / 3 + 256 }) { writer in
                writer.array(found) { $0.key($1) }
            }
        }
        let names = folded(found.map(\.key), after: prefix, at: request.query["separator"] ?? "")
        return .read(at: index) { writer in
            writer.array(names) { $0.string($1) }
        }
    }

    /// Compares bytes: what people see as one character may begin with another one.
    private static func records(with prefix: [UInt8], in snapshot: Snapshot) -> [KeyRecord] {
        snapshot.keys.unordered.filter { $0.key.utf8.starts(with: prefix) }
    }

    /// The names, cut behind the first separator that follows the prefix, each once.
    private static func folded(_ keys: [String], after prefix: [UInt8], at separator: String) -> [String] {
        guard !separator.isEmpty else { return keys }
        var names: [String] = []
        for key in keys {
            let rest = String(decoding: key.utf8.dropFirst(prefix.count), as: UTF8.self)
            let cut = rest.firstRange(of: separator).map { rest[..<$0.upperBound] } ?? rest[...]
            let name = String(decoding: prefix, as: UTF8.self) + cut
            if names.last != name { names.append(name) }
        }
        return names
    }

    // MARK: Writing

    private static func writeKey(_ request: APIRequest) async throws -> APIAnswer {
        let (key, query) = (request.argument, request.query)
        try requireKey(key)
        for name in ["acquire", "release"] where query[name] != nil {
            throw ClusterError(
                .internal, "invalid session \"\(query[name] ?? "")\": there are no sessions here, leave out \(name)")
        }
        let flags = try query.natural("flags") ?? 0
        let current = request.server.snapshot.keys[key]
        let record = KeyRecord(
            key: key, value: request.body, flags: flags, lockIndex: current?.lockIndex ?? 0,
            session: current?.session ?? "")
        return try await keep([.putKey(record)], of: key, for: request)
    }

    private static func removeKey(_ request: APIRequest) async throws -> APIAnswer {
        let key = request.argument
        if try request.query.flag("recurse") {
            guard request.query["cas"] == nil else {
                throw ClusterError(.invalid, "recurse and cas cannot be stated together; leave out one of them")
            }
            let found = records(with: Array(key.utf8), in: request.server.snapshot).map(\.key).sorted()
            if !found.isEmpty { _ = try await request.server.keep(found.map { .removeKey($0) }, if: []) }
            return .json { $0.bool(true) }
        }
        try requireKey(key)
        guard request.query["cas"] != nil || request.server.snapshot.keys[key] != nil else {
            return .json { $0.bool(true) }
        }
        if try request.query["cas"] != nil && request.query.natural("cas") ?? 0 == 0 {
            throw ClusterError(.invalid, "cas must be the ModifyIndex of the key that is to go, not 0")
        }
        return try await keep([.removeKey(key)], of: key, for: request)
    }

    /// Writes, where `cas` is stated only over what was last changed then; 0 means that there must be nothing.
    private static func keep(_ changes: [Change], of key: String, for request: APIRequest) async throws -> APIAnswer {
        var conditions: [Precondition] = []
        if request.query["cas"] != nil {
            conditions.append(.key(key, unchangedSince: Revision(try request.query.natural("cas") ?? 0)))
        }
        do {
            _ = try await request.server.keep(changes, if: conditions)
        } catch let error as ClusterError where error.code == .conflict {
            return .json { $0.bool(false) }
        }
        return .json { $0.bool(true) }
    }

    private static func requireKey(_ key: String) throws(ClusterError) {
        guard key.isEmpty else { return }
        throw ClusterError(.invalid, "Missing key name: state it as /v1/kv/KEY, or add recurse to mean all keys")
    }
}

extension AnswerWriter {
    fileprivate mutating func key(_ record: KeyRecord) {
        object {
            $0.field("LockIndex", record.lockIndex)
            $0.field("Key", record.key)
            $0.field("Flags", record.flags)
            $0.name("Value")
            if record.value.isEmpty { $0.null() } else { $0.string(Data(record.value).base64EncodedString()) }
            if !record.session.isEmpty { $0.field("Session", record.session) }
            $0.field("CreateIndex", record.createRevision)
            $0.field("ModifyIndex", record.modifyRevision)
        }
    }
}
