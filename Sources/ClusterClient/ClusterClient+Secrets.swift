public import ClusterKit

/// Secrets, at the port where a server speaks Vault's dialect: the addresses given to the client are of that port.
extension ClusterClient {
    /// One version of a secret, the current one by default. Throws `.notFound` when there is none, or it is deleted.
    public func secret(_ path: String, version: Int? = nil) async throws -> SecretWire {
        let query = version.map { [(name: "version", value: "\($0)")] } ?? []
        let data = try await vault(.secret, path, query: query)
        guard let secret = SecretWire(data) else { throw strange(.secret) }
        return secret
    }

    /// Writes the next version. `expected` is the version that must be current, 0 for none; `nil` does not ask.
    public func writeSecret(
        _ path: String, _ values: [String: ConfigValue], expecting expected: Int? = nil
    ) async throws -> SecretVersionWire {
        var body = JSONWriter(capacity: 256)
        body.object { writer in
            writer.key("data")
            writer.value(.object(values))
            if let expected {
                writer.object("options") { $0.field("cas", expected) }
            }
        }
        let data = try await vault(.writeSecret, path, body: body.bytes)
        return SecretVersionWire(data, number: data["version"]?.integer ?? 0)
    }

    /// The names below a path, in order; those that have names below them end in `/`.
    public func secretNames(below path: String = "") async throws -> [String] {
        do {
            let data = try await vault(path.isEmpty ? .topSecretNames : .secretNames, path)
            guard case .array(let names) = data["keys"] else { throw strange(.secretNames) }
            return names.compactMap(\.text)
        } catch let error as ClusterError where error.code == .notFound {
            return []
        }
    }

    /// What is known of a secret without its data. Throws `.notFound` when there is none.
    public func secretRecord(_ path: String) async throws -> SecretRecordWire {
        SecretRecordWire(try await vault(.secretMetadata, path))
    }

    /// Deletes versions, the current one when none is named. They can be brought back.
    public func deleteSecret(_ path: String, versions: [Int] = []) async throws {
        guard !versions.isEmpty else { return _ = try await vault(.deleteSecret, path) }
        _ = try await vault(.deleteSecretVersions, path, body: Self.body(versions))
    }

    /// Brings deleted versions back.
    public func undeleteSecret(_ path: String, versions: [Int]) async throws {
        _ = try await vault(.undeleteSecretVersions, path, body: Self.body(versions))
    }

    /// Removes the data of versions for good.
    public func destroySecret(_ path: String, versions: [Int]) async throws {
        _ = try await vault(.destroySecretVersions, path, body: Self.body(versions))
    }

    /// Removes a secret with all its versions.
    public func removeSecret(_ path: String) async throws { _ = try await vault(.removeSecret, path) }

    /// Whether secrets can be read, and if not, why.
    public func sealStatus() async throws -> SealStatus {
        let answer = try await send(
            OutgoingRequest(endpoint: .vaultSealStatus, tokenHeader: WireHeader.vaultToken))
        let status = try parsed(answer.body, .vaultSealStatus)
        return SealStatus(isSealed: status["sealed"] == .bool(true), reason: status["reason"]?.text ?? "")
    }

    // MARK: -

    private static func body(_ versions: [Int]) -> [UInt8] {
        var body = JSONWriter(capacity: 64)
        body.object { writer in writer.list("versions", versions) { $0.integer($1) } }
        return body.bytes
    }

    /// The data in the envelope of an answer; null for an answer without a body.
    private func vault(
        _ endpoint: Endpoint, _ path: String, query: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) async throws -> JSONValue {
        let request = OutgoingRequest(
            endpoint: endpoint, argument: path, query: query, body: body, tokenHeader: WireHeader.vaultToken)
        do {
            let answer = try await send(request)
            return answer.body.isEmpty ? .null : try parsed(answer.body, endpoint)["data"] ?? .null
        } catch let error as ClusterError where error.code == .notFound {
            throw ClusterError(.notFound, Self.absence(error.message, path))
        }
    }

    private func parsed(_ body: [UInt8], _ endpoint: Endpoint) throws -> JSONValue {
        do {
            return try JSONParser.parse(body)
        } catch {
            throw strange(endpoint)
        }
    }

    private func strange(_ endpoint: Endpoint) -> ClusterError {
        ClusterError(
            .unavailable, "\(server) answered \(endpoint.template) with something unexpected; is it Vault's port?")
    }

    /// Why there is nothing: a version that was deleted is told of, anything else is not there.
    private static func absence(_ body: String, _ path: String) -> String {
        let metadata = (try? JSONParser.parse(Array(body.utf8)))?["data"]?["metadata"]
        guard let metadata, let number = metadata["version"]?.integer else {
            return body.first == "{" || body.isEmpty ? "there is no secret \(path), or not in that version" : body
        }
        let version = SecretVersionWire(metadata, number: number)
        return version.isDestroyed
            ? "version \(number) of secret \(path) was destroyed; its data is gone for good"
            : "version \(number) of secret \(path) was deleted at \(version.deleted); undelete brings it back"
    }
}

/// What a server that speaks Vault's dialect says went wrong.
enum VaultRefusal {
    /// The words of `{"errors": [...]}`; a body without any stays as it is.
    static func text(_ body: String) -> String {
        guard let value = try? JSONParser.parse(Array(body.utf8)), case .array(let errors) = value["errors"] else {
            return body
        }
        return errors.isEmpty ? body : errors.compactMap(\.text).joined(separator: "; ")
    }
}
