import ClusterClient
import ClusterKit

/// The data of secrets, version by version.
extension VaultServer {
    static var dataRoutes: [APIRoute] {
        [
            secret(.secret, .readSecrets, answer: readData),
            secret(.writeSecret, .writeSecrets) { request in
                let body = try JSONBody(request.body)
                guard let data = try body.values("data") else {
                    throw ClusterError(.invalid, "no data provided: state \"data\" as an object")
                }
                let version = try await request.server.secrets.write(
                    data.configValues, to: request.secretPath, expecting: try expectation(in: body))
                return await written(version, request)
            },
            secret(.patchSecret, .writeSecrets, answer: patchData),
            secret(.deleteSecret, .writeSecrets) { request in try await change(request, .delete([])) },
            secret(.deleteSecretVersions, .writeSecrets) { request in
                try await change(request, .delete(try JSONBody(request.body).versions()))
            },
            secret(.undeleteSecretVersions, .writeSecrets) { request in
                try await change(request, .undelete(try JSONBody(request.body).versions()))
            },
            secret(.destroySecretVersions, .writeSecrets) { request in
                try await change(request, .destroy(try JSONBody(request.body).versions()))
            },
        ]
    }

    /// A route that is about one secret.
    static func secret(
        _ endpoint: Endpoint, _ access: Access, answer: @escaping @Sendable (APIRequest) async throws -> APIAnswer
    ) -> APIRoute {
        APIRoute(endpoint, access) { request in
            guard !request.secretPath.path.isEmpty else {
                throw ClusterError(.invalid, "the path of a secret is missing behind \(mount)/")
            }
            return try await unsealed(request) { try await answer(request) }
        }
    }

    /// The version that must be current, when a write states one.
    private static func expectation(in body: JSONBody) throws(ClusterError) -> Int? {
        try body.object("options")?.number("cas", in: 0...Int.max)
    }

    // MARK: Reading

    private static func readData(_ request: APIRequest) async throws -> APIAnswer {
        let secrets = request.server.secrets
        let wanted = try request.version()
        do {
            let found = try await secrets.read(request.secretPath, version: wanted)
            return envelope { writer in
                writer.name("data")
                writer.object(found.values.reveal())
                writer.field("metadata") { $0.version(found.version, found.customMetadata) }
            }
        } catch let error as ClusterError where error.code == .notFound {
            return try await gone(wanted, request) ?? .errors(404, [])
        }
    }

    /// What is told of a version whose data is deleted or destroyed; `nil` for one that never was, or is forgotten.
    private static func gone(_ wanted: Int?, _ request: APIRequest) async throws -> APIAnswer? {
        guard let record = try await request.server.secrets.record(of: request.secretPath) else { return nil }
        let number = wanted ?? record.currentVersion
        guard let version = record.versions.first(where: { $0.number == number }) else { return nil }
        return envelope(status: 404) { writer in
            writer.literal(#""data":null"#)
            writer.field("metadata") { $0.version(version, record.customMetadata) }
        }
    }

    // MARK: Writing

    /// Changes the current version: what is stated as null goes, objects are merged, all else replaces what was there.
    private static func patchData(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        guard let patch = try body.values("data") else {
            throw ClusterError(.invalid, "no data provided: state \"data\" as an object")
        }
        let expected = try expectation(in: body)
        let (secrets, path) = (request.server.secrets, request.secretPath)
        // Somebody else may write between our reading and writing; then the change is made to what they wrote.
        for attempt in 0..<8 {
            let current: SecretValue
            do {
                current = try await secrets.read(path, version: nil)
            } catch let error as ClusterError where error.code == .notFound {
                return try await gone(nil, request) ?? .errors(404, [])
            }
            let values = ConfigValue.object(current.values.reveal()).merged(with: .object(patch.configValues))
            guard case .object(let merged) = values else { break }
            do {
                let version = try await secrets.write(merged, to: path, expecting: expected ?? current.version.number)
                return await written(version, request)
            } catch let error as ClusterError where error.code == .conflict && expected == nil && attempt < 7 {
                continue
            }
        }
        throw ClusterError(.conflict, "\(path) is being changed by others all the time; try again")
    }

    private static func written(_ version: SecretRecord.Version, _ request: APIRequest) async -> APIAnswer {
        let words = try? await request.server.secrets.record(of: request.secretPath)?.customMetadata
        return envelope { $0.versionFields(version, words ?? [:]) }
    }

    /// What is done to a secret that is not there has nothing to do.
    static func change(_ request: APIRequest, _ change: SecretChange) async throws -> APIAnswer {
        do {
            try await request.server.secrets.change(request.secretPath, change)
        } catch let error as ClusterError where error.code == .notFound {}
        return done
    }
}

extension AnswerWriter {
    fileprivate mutating func version(_ version: SecretRecord.Version, _ words: [String: String]) {
        object { $0.versionFields(version, words) }
    }

    fileprivate mutating func versionFields(_ version: SecretRecord.Version, _ words: [String: String]) {
        field("created_time", version.createTime.text)
        field("custom_metadata", words)
        field("deletion_time", version.deletionTime?.text ?? "")
        field("destroyed", version.isDestroyed)
        field("version", version.number)
    }
}

extension ConfigValue {
    /// This value changed as RFC 7396 has it.
    func merged(with patch: ConfigValue) -> ConfigValue {
        guard case .object(let changes) = patch else { return patch }
        var values: [String: ConfigValue] = [:]
        if case .object(let own) = self { values = own }
        for (name, change) in changes {
            values[name] = change == .null ? nil : (values[name] ?? .null).merged(with: change)
        }
        return .object(values)
    }
}
