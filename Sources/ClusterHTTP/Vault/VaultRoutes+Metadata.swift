import ClusterClient
import ClusterKit
import HCL

/// What may be known of secrets without their data: names, versions and rules. It can be read while the store is
/// sealed.
extension VaultServer {
    static var metadataRoutes: [APIRoute] {
        [
            APIRoute(.secretNames, .readSecrets, answer: listNames),
            APIRoute(.topSecretNames, .readSecrets, answer: listNames),
            secret(.secretMetadata, .readSecrets) { request in
                guard let record = try await request.server.secrets.record(of: request.secretPath) else {
                    return .errors(404, [])
                }
                return envelope { $0.metadata(record) }
            },
            secret(.setSecretMetadata, .writeSecrets) { request in
                let settings = try settings(in: try JSONBody(request.body, isOptional: true))
                try await request.server.secrets.change(request.secretPath, settings)
                return done
            },
            secret(.removeSecret, .writeSecrets) { request in try await change(request, .remove) },
            APIRoute(.secretConfiguration, .readSecrets) { _ in
                envelope { $0.literal(#""cas_required":false,"delete_version_after":"0s","max_versions":0"#) }
            },
        ]
    }

    private static func listNames(_ request: APIRequest) async throws -> APIAnswer {
        try await unsealed(request) {
            let names: [String]
            do {
                names = try await request.server.secrets.list(request.secretPath)
            } catch let error as ClusterError where error.code == .notFound {
                return .errors(404, [])
            }
            return names.isEmpty ? .errors(404, []) : envelope { $0.field("keys", names) }
        }
    }

    private static func settings(in body: JSONBody) throws(ClusterError) -> SecretChange {
        .settings(
            maxVersions: try body.number("max_versions", in: 0...100_000),
            requiresCheckAndSet: body.states("cas_required") ? try body.flag("cas_required") : nil,
            deleteVersionAfter: try body.lifetime("delete_version_after"),
            customMetadata: try body.texts("custom_metadata"))
    }
}

extension JSONBody {
    /// A time span as a text with units, or as a number of seconds; `nil` when it is not stated.
    fileprivate func lifetime(_ name: String) throws(ClusterError) -> Duration? {
        if let seconds = try? number(name, in: 0...1 << 32) { return .seconds(seconds) }
        guard let text = try text(name) else { return nil }
        let digits = Int(text).flatMap { (0...1 << 32).contains($0) ? Duration.seconds($0) : nil }
        guard let span = digits ?? DurationText.parse(text), span >= .zero else {
            throw ClusterError(.invalid, "\(name) must be like 30s or 3h, not \"\(text)\"")
        }
        return span
    }
}

extension AnswerWriter {
    fileprivate mutating func metadata(_ record: SecretRecord) {
        field("cas_required", record.requiresCheckAndSet)
        field("created_time", record.createTime.text)
        field("current_version", record.currentVersion)
        field("custom_metadata", record.customMetadata)
        field("delete_version_after", record.deleteVersionAfter.goText)
        field("max_versions", record.maxVersions)
        let oldest = record.versions.first?.number ?? 0
        // Zero until the first one is forgotten.
        field("oldest_version", oldest > 1 ? oldest : 0)
        field("updated_time", record.updateTime.text)
        name("versions")
        object { writer in
            for version in record.versions {
                writer.name(escaping: "\(version.number)")
                writer.object {
                    $0.field("created_time", version.createTime.text)
                    $0.field("deletion_time", version.deletionTime?.text ?? "")
                    $0.field("destroyed", version.isDestroyed)
                }
            }
        }
    }
}
