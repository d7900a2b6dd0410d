import ClusterClient
import ClusterKit

/// What the server says of itself, and of what it looks after. Consul has an agent on every machine; here the server
/// is the agent for all of them.
extension ConsulServer {
    static func agentRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.consulSelf, .readServers) { request in
                let view = ConsulView(request.server.snapshot, for: request, configuration)
                return .json { $0.consulSelf(view, request, configuration) }
            },
            APIRoute(.consulAgentServices, .readServices) { request in
                try request.refuseFilter()
                let view = ConsulView(request.server.snapshot, for: request, configuration)
                // The server's own service is in the catalog only, as with Consul.
                let found = view.instances.filter { $0.id.description != ConsulView.ownService }
                return .json { $0.byIdentifier(found) { $0.consulAgentService($1) } }
            },
            APIRoute(.consulAgentChecks, .readServices) { request in
                try request.refuseFilter()
                let view = ConsulView(request.server.snapshot, for: request, configuration)
                return .json { writer in
                    writer.object { writer in
                        for check in view.instances.flatMap(ConsulCheck.all) {
                            writer.name(escaping: check.id)
                            writer.consulCheck(check)
                        }
                    }
                }
            },
            APIRoute(.consulMembers, .readServers) { request in
                let view = ConsulView(request.server.snapshot, for: request, configuration)
                let isWide = try request.query.flag("wan")
                let members = isWide ? [view.own] : view.nodes
                return .json { writer in
                    writer.array(members) { $0.consulMember($1, view, request, configuration, isWide: isWide) }
                }
            },
            APIRoute(.consulLeader, .open) { request in .json { $0.string(request.address) } },
            APIRoute(.consulPeers, .open) { request in
                .json { $0.array(CollectionOfOne(request.address)) { $0.string($1) } }
            },
        ]
    }
}

extension AnswerWriter {
    fileprivate mutating func consulSelf(
        _ view: ConsulView, _ request: APIRequest, _ configuration: APIConfiguration
    ) {
        object { writer in
            writer.field("Config") { writer in
                writer.object {
                    $0.field("Datacenter", configuration.datacenter)
                    $0.field("PrimaryDatacenter", configuration.datacenter)
                    $0.field("NodeName", view.own.name)
                    $0.field("NodeID", view.own.id)
                    $0.literal(#""Revision":"","Server":true"#)
                    $0.field("Version", configuration.version)
                    $0.literal(#""BuildDate":"1970-01-01T00:00:00Z""#)
                }
            }
            writer.literal(#""Coord":{"Adjustment":0,"Error":1.5,"Height":0.00001,"Vec":[0,0,0,0,0,0,0,0]}"#)
            writer.field("DebugConfig") { writer in
                writer.object {
                    $0.field("Datacenter", configuration.datacenter)
                    $0.field("NodeName", view.own.name)
                    $0.literal(#""ACLsEnabled":false,"ServerMode":true"#)
                }
            }
            writer.name("Member")
            writer.consulMember(view.own, view, request, configuration, isWide: false)
            writer.literal(#""Meta":{}"#)
            writer.field("Stats") { writer in
                writer.object { writer in
                    writer.field("agent") { writer in
                        writer.object {
                            $0.field("checks", "\(view.instances.reduce(0) { $0 + $1.checks.count })")
                            $0.field("services", "\(view.instances.count)")
                        }
                    }
                    writer.field("consul") { writer in
                        writer.object {
                            $0.field("known_datacenters", "\(view.datacenters.count)")
                            $0.literal(#""leader":"true""#)
                            $0.field("leader_addr", request.address)
                            $0.literal(#""server":"true""#)
                        }
                    }
                }
            }
            writer.literal(#""xDS":{"SupportedProxies":{},"Port":-1,"Ports":{"Plaintext":-1,"TLS":-1}}"#)
        }
    }

    fileprivate mutating func consulMember(
        _ node: ConsulNode, _ view: ConsulView, _ request: APIRequest, _ configuration: APIConfiguration,
        isWide: Bool
    ) {
        let isServer = node.id == view.own.id
        object { writer in
            writer.field("Name", isWide ? "\(node.name).\(configuration.datacenter)" : node.name)
            writer.field("Addr", node.address)
            writer.field("Port", isServer ? request.port : 0)
            writer.map(
                "Tags",
                [
                    "role": isServer ? "consul" : "node", "dc": node.datacenter, "id": node.id.description,
                    "build": configuration.version, "segment": "",
                ])
            // Serf's numbers for alive and failed.
            writer.field("Status", node.isAlive ? 1 : 4)
            writer.literal(#""ProtocolMin":1,"ProtocolMax":5,"ProtocolCur":2"#)
            writer.literal(#""DelegateMin":2,"DelegateMax":5,"DelegateCur":4"#)
        }
    }
}
