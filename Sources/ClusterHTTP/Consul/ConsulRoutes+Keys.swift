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
        let prefix = request.argument
        let watch = Watch(.keysBelow(prefix))
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        if try request.query.flag("keys") {
            let names = snapshot.keys.names(prefix, separator: request.query["separator"] ?? "")
            guard !names.isEmpty else { return .missing("", at: index) }
            return .read(at: index) { writer in
                writer.array(names) { $0.string($1) }
            }
        }
        let found = snapshot.keys.below(prefix)
        guard !found.isEmpty else { return .missing("", at: index) }
        return .read(at: index, capacity: found.reduce(0) { $0 + $1.value.count * 4 / 3 + 256 }) { writer in
            writer.array(found) { $0.key($1) }
        }
    }

    // MARK: Writing

    private static func writeKey(_ request: APIRequest) async throws -> APIAnswer {
        let (key, query) = (request.argument, request.query)
        try requireKey(key)
        for name in ["acquire", "release"] where query[name] != nil {
            throw ClusterError(
                .internal, "invalid session \"\(query[name] ?? "")\": there are no sessions here, leave out \(name)")
        }
        let done = try await KeyValueStore(keeper: request.server).put(
            key, request.body, flags: try query.natural("flags") ?? 0, cas: try expectation(request))
        return .json { $0.bool(done) }
    }

    private static func removeKey(_ request: APIRequest) async throws -> APIAnswer {
        let key = request.argument
        let store = KeyValueStore(keeper: request.server)
        let expected = try expectation(request)
        if try request.query.flag("recurse") {
            guard expected == nil else {
                throw ClusterError(.invalid, "recurse and cas cannot be stated together; leave out one of them")
            }
            _ = try await store.delete(prefix: key)
            return .json { $0.bool(true) }
        }
        try requireKey(key)
        guard expected != .zero else {
            throw ClusterError(.invalid, "cas must be the ModifyIndex of the key that is to go, not 0")
        }
        let done = try await store.delete(key, cas: expected)
        return .json { $0.bool(done) }
    }

    /// The revision that a write asks for by `cas`; zero means that there must be no such key.
    private static func expectation(_ request: APIRequest) throws(ClusterError) -> Revision? {
        guard request.query["cas"] != nil else { return nil }
        return Revision(try request.query.natural("cas") ?? 0)
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
