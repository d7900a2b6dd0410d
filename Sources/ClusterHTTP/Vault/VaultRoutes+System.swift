import ClusterClient
import ClusterKit

/// What the store of secrets says of itself. Nobody needs a token for that.
extension VaultServer {
    static func systemRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.vaultHealth, .open) { request in
                let isSealed = await request.server.secrets.seal.isSealed
                let usual = isSealed ? 503 : 200
                let status =
                    try request.query.number(isSealed ? "sealedcode" : "activecode", in: 200...599) ?? usual
                var answer = APIAnswer.json { writer in
                    writer.object {
                        $0.field("initialized", true)
                        $0.field("sealed", isSealed)
                        $0.literal(#""standby":false,"performance_standby":false"#)
                        $0.literal(#""replication_performance_mode":"disabled","replication_dr_mode":"disabled""#)
                        $0.field("server_time_utc", SystemTime().now().wall.nanoseconds / 1_000_000_000)
                        $0.field("version", configuration.version)
                        $0.cluster(request)
                    }
                }
                answer.status = status
                return answer
            },
            APIRoute(.vaultSealStatus, .open) { request in
                let seal = await request.server.secrets.seal
                return .json { writer in
                    writer.object {
                        $0.literal(#""type":"shamir","initialized":true"#)
                        $0.field("sealed", seal.isSealed)
                        $0.literal(#""t":1,"n":1,"progress":0,"nonce":"""#)
                        $0.field("version", configuration.version)
                        $0.literal(#""build_date":"","migration":false,"recovery_seal":false,"storage_type":"cluster""#)
                        $0.cluster(request)
                        // Not Vault's: what to do about it, for people.
                        if seal.isSealed { $0.field("reason", seal.reason) }
                    }
                }
            },
            APIRoute(.vaultInitialization, .open) { _ in .json { $0.literal(#"{"initialized":true}"#) } },
            APIRoute(.vaultLeader, .open) { request in
                .json { writer in
                    writer.object {
                        $0.literal(#""ha_enabled":false,"is_self":true,"active_time":"0001-01-01T00:00:00Z""#)
                        $0.field("leader_address", "http://\(request.address)")
                        $0.literal(#""leader_cluster_address":"","performance_standby":false"#)
                    }
                }
            },
        ]
    }

    /// Tokens are shown but not looked at yet: any is as good as another, and may do everything.
    static var tokenRoutes: [APIRoute] {
        [
            APIRoute(.vaultTokenSelf, .open) { request in
                guard !request.caller.token.isEmpty else { return .errors(403, ["permission denied"]) }
                return envelope(mountType: "token") {
                    $0.field("id", request.caller.token)
                    $0.literal(#""accessor":"","creation_time":0,"creation_ttl":0,"display_name":"anyone""#)
                    $0.literal(#""entity_id":"","expire_time":null,"explicit_max_ttl":0,"issue_time":null"#)
                    $0.literal(#""meta":null,"num_uses":0,"orphan":true,"path":"auth/token/root""#)
                    $0.literal(#""policies":["root"],"renewable":false,"ttl":0,"type":"service""#)
                }
            }
        ]
    }
}

extension AnswerWriter {
    fileprivate mutating func cluster(_ request: APIRequest) {
        field("cluster_name", request.server.configuration.region)
        field("cluster_id", request.server.configuration.region)
    }
}
