import ClusterClient
import ClusterKit

/// What servers say of themselves.
extension APIServer {
    static func agentRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.agentSelf, .readServers) { request in
                .json { $0.agentSelf(request, configuration) }
            },
            APIRoute(.agentHealth, .open, answer: health),
            APIRoute(.agentMembers, .readServers) { request in
                let settings = request.server.configuration
                return .json { writer in
                    writer.object {
                        $0.field("ServerName", settings.name)
                        $0.field("ServerRegion", settings.region)
                        $0.field("ServerDC", configuration.datacenter)
                        $0.name("Members")
                        $0.array(CollectionOfOne(request)) { $0.member($1, configuration) }
                    }
                }
            },
            APIRoute(.agentServers, .readServers, answer: addresses),
            APIRoute(.leader, .open) { request in .json { $0.string(request.address) } },
            APIRoute(.peers, .open, answer: addresses),
            APIRoute(.regions, .open) { request in
                .json { $0.array(CollectionOfOne(request.server.configuration.region)) { $0.string($1) } }
            },
            APIRoute(.namespaces, .filtered) { request in
                try request.refuseFilter()
                return .read(at: Revision(1)) { writer in
                    writer.array(namespaces(shownTo: request)) { $0.namespace($1) }
                }
            },
            APIRoute(.namespace, .filtered) { request in
                guard namespaces(shownTo: request).contains(request.argument) else {
                    return .missing("Namespace not found", at: Revision(1))
                }
                return .read(at: Revision(1)) { $0.namespace(request.argument) }
            },
        ]
    }

    /// A server that cannot write is not well, and answers 500 as Nomad's do.
    private static func health(_ request: APIRequest) async throws -> APIAnswer {
        let kind = request.query["type"] ?? ""
        guard ["", "client", "server"].contains(kind) else {
            throw ClusterError(.invalid, "type must be client or server; leave it out for both")
        }
        let refusal = kind == "client" ? nil : request.server.storeRefusal
        var answer = APIAnswer.json { writer in
            writer.object {
                if kind != "server" { $0.literal(#""client":{"ok":true,"message":"ok"}"#) }
                guard kind != "client" else { return }
                $0.field("server") { writer in
                    writer.object {
                        $0.field("ok", refusal == nil)
                        $0.field("message", refusal.map { "the store refused the last write: \($0)" } ?? "ok")
                    }
                }
            }
        }
        if refusal != nil { answer.status = 500 }
        return answer
    }

    private static func addresses(_ request: APIRequest) async throws -> APIAnswer {
        .json { $0.array(CollectionOfOne(request.address)) { $0.string($1) } }
    }

    /// The default one, and those that jobs are in.
    private static func namespaces(shownTo request: APIRequest) -> [String] {
        let used = Set(request.server.snapshot.jobs.unordered.map(\.job.id.namespace))
        return used.union(["default"]).sorted().filter { namespace in
            (try? request.server.authorize(request.caller, to: .readJobs(namespace: namespace))) != nil
        }
    }
}

extension AnswerWriter {
    fileprivate mutating func namespace(_ name: String) {
        object {
            $0.field("Name", name)
            $0.field("Description", name == "default" ? "Default shared namespace" : "")
            $0.literal(#""Quota":"","Hash":"","Capabilities":null,"Meta":null,"CreateIndex":1,"ModifyIndex":1"#)
        }
    }

    fileprivate mutating func agentSelf(_ request: APIRequest, _ configuration: APIConfiguration) {
        let settings = request.server.configuration
        object { writer in
            writer.field("config") { writer in
                writer.object {
                    $0.field("Region", settings.region)
                    $0.field("Datacenter", configuration.datacenter)
                    $0.field("NodeName", settings.name)
                    $0.field("BindAddr", configuration.host)
                    $0.field("AdvertiseAddrs") { writer in
                        writer.object { $0.field("HTTP", request.address) }
                    }
                    $0.field("Version") { writer in
                        writer.object {
                            $0.field("Version", configuration.version)
                            $0.literal(#""Revision":"","VersionMetadata":"","VersionPrerelease":"""#)
                        }
                    }
                    $0.literal(#""ACL":{"Enabled":false},"Server":{"Enabled":true},"Client":{"Enabled":true}"#)
                }
            }
            writer.name("member")
            writer.member(request, configuration)
            writer.field("stats") { writer in
                writer.object {
                    $0.field("nomad") { writer in
                        writer.object {
                            $0.literal(#""server":"true","leader":"true","known_regions":"1""#)
                            $0.field("leader_addr", request.address)
                        }
                    }
                    $0.field("store") { writer in
                        let snapshot = request.server.snapshot
                        writer.object {
                            $0.field("revision", "\(snapshot.revision)")
                            $0.field("epoch", "\(snapshot.epoch)")
                            $0.field("refusal", request.server.storeRefusal ?? "")
                        }
                    }
                }
            }
        }
    }

    fileprivate mutating func member(_ request: APIRequest, _ configuration: APIConfiguration) {
        let settings = request.server.configuration
        let address = request.address
        let colon = address.lastIndex(of: ":") ?? address.endIndex
        let port = Int(address[colon...].dropFirst()) ?? configuration.port
        object {
            $0.field("Name", "\(settings.name).\(settings.region)")
            $0.field("Addr", String(address[..<colon]))
            $0.field("Port", port)
            $0.field("Status", "alive")
            $0.field("Tags") { writer in
                writer.object {
                    $0.field("role", "nomad")
                    $0.field("region", settings.region)
                    $0.field("dc", configuration.datacenter)
                    $0.field("build", configuration.version)
                    $0.field("port", String(port))
                    $0.field("id", settings.name)
                }
            }
            $0.literal(#""ProtocolMin":1,"ProtocolMax":5,"ProtocolCur":2"#)
            $0.literal(#""DelegateMin":2,"DelegateMax":5,"DelegateCur":4"#)
        }
    }
}
