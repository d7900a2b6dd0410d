import ClusterClient
import ClusterKit

/// The engines. There is one, of the second version of key and value, at `secret/`.
extension VaultServer {
    static var mountRoutes: [APIRoute] {
        [
            APIRoute(.vaultMounts, .readServers) { _ in
                envelope(mountType: "system", alsoAtTop: true) { $0.mounts() }
            },
            APIRoute(.vaultInterfaceMounts, .open) { _ in
                envelope(mountType: "system") {
                    $0.literal(#""auth":{}"#)
                    $0.name("secret")
                    $0.object { $0.mounts() }
                }
            },
            APIRoute(.vaultInterfaceMount, .open) { request in
                let path = request.argument
                guard path == mount || path.hasPrefix(mount + "/") else {
                    return .errors(
                        403,
                        [
                            "preflight capability check returned 403, please ensure client's policies grant access to "
                                + "path \"\(path)\"; only \(mount)/ is mounted here"
                        ])
                }
                return envelope(mountType: "system") {
                    $0.mountFields()
                    $0.field("path", mount + "/")
                }
            },
        ]
    }
}

extension AnswerWriter {
    fileprivate mutating func mounts() {
        name(escaping: VaultServer.mount + "/")
        object { $0.mountFields() }
    }

    fileprivate mutating func mountFields() {
        literal(#""type":"kv","description":"","accessor":"kv_secret","uuid":"""#)
        literal(#""config":{"default_lease_ttl":0,"max_lease_ttl":0,"force_no_cache":false}"#)
        literal(#""options":{"version":"2"},"local":false,"seal_wrap":false,"external_entropy_access":false"#)
    }
}
