import ClusterKit

/// Machines, services and checks in Consul's JSON.
extension AnswerWriter {
    mutating func consulNode(_ node: ConsulNode) {
        object {
            $0.field("ID", node.id)
            $0.field("Node", node.name)
            $0.field("Address", node.address)
            $0.field("Datacenter", node.datacenter)
            $0.taggedAddresses(of: node.address)
            $0.map("Meta", node.meta)
            $0.field("CreateIndex", node.createRevision)
            $0.field("ModifyIndex", node.modifyRevision)
        }
    }

    /// An instance beside its machine, as health is shown.
    mutating func consulService(_ instance: ServiceInstance) {
        object {
            $0.field("ID", instance.id.description)
            $0.field("Service", instance.name)
            $0.field("Tags", instance.tags)
            $0.field("Address", instance.address)
            $0.taggedAddresses(of: instance)
            $0.map("Meta", instance.meta)
            $0.field("Port", instance.port)
            $0.literal(#""Weights":{"Passing":1,"Warning":1},"EnableTagOverride":false"#)
            $0.literal(#""Proxy":{"Mode":"","MeshGateway":{},"Expose":{}},"Connect":{},"PeerName":"""#)
            $0.field("CreateIndex", instance.createRevision)
            $0.field("ModifyIndex", instance.modifyRevision)
        }
    }

    /// An instance as an agent shows its own: exactly these names.
    mutating func consulAgentService(_ instance: ServiceInstance) {
        object {
            $0.field("ID", instance.id.description)
            $0.field("Service", instance.name)
            $0.field("Tags", instance.tags)
            $0.map("Meta", instance.meta)
            $0.field("Port", instance.port)
            $0.field("Address", instance.address)
            $0.literal(#""Weights":{"Passing":1,"Warning":1},"EnableTagOverride":false"#)
            $0.field("Datacenter", instance.datacenter)
        }
    }

    /// An instance together with its machine, as the catalog shows it.
    mutating func consulCatalogService(_ instance: ServiceInstance, on node: ConsulNode) {
        object {
            $0.field("ID", node.id)
            $0.field("Node", node.name)
            $0.field("Address", node.address)
            $0.field("Datacenter", node.datacenter)
            $0.taggedAddresses(of: node.address)
            $0.map("NodeMeta", node.meta)
            $0.literal(#""ServiceKind":"""#)
            $0.field("ServiceID", instance.id.description)
            $0.field("ServiceName", instance.name)
            $0.field("ServiceTags", instance.tags)
            $0.field("ServiceAddress", instance.address)
            $0.name("ServiceTaggedAddresses")
            $0.serviceAddresses(of: instance)
            $0.literal(#""ServiceWeights":{"Passing":1,"Warning":1}"#)
            $0.map("ServiceMeta", instance.meta)
            $0.field("ServicePort", instance.port)
            $0.literal(#""ServiceSocketPath":"","ServiceEnableTagOverride":false"#)
            $0.literal(#""ServiceProxy":{"Mode":"","MeshGateway":{},"Expose":{}},"ServiceConnect":{}"#)
            $0.field("CreateIndex", instance.createRevision)
            $0.field("ModifyIndex", instance.modifyRevision)
        }
    }

    mutating func consulCheck(_ check: ConsulCheck) {
        object {
            $0.field("Node", check.node)
            $0.field("CheckID", check.id)
            $0.field("Name", check.name)
            $0.field("Status", check.health.rawValue)
            $0.field("Notes", "")
            $0.field("Output", check.output)
            $0.field("ServiceID", check.instance?.id.description ?? "")
            $0.field("ServiceName", check.instance?.name ?? "")
            $0.field("ServiceTags", check.instance?.tags ?? [])
            $0.field("Type", check.kind)
            $0.literal(#""Interval":"","Timeout":"","ExposedPort":0,"Definition":{}"#)
            $0.field("CreateIndex", check.instance?.createRevision ?? Revision(1))
            $0.field("ModifyIndex", check.instance?.modifyRevision ?? Revision(1))
        }
    }

    // MARK: Parts

    /// Texts by name; an object also when there are none.
    mutating func map(_ name: StaticString, _ texts: [String: String]) {
        self.name(name)
        object { writer in
            for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
                writer.name(escaping: name)
                writer.string(text)
            }
        }
    }

    private mutating func taggedAddresses(of address: String) {
        name("TaggedAddresses")
        let kind = address.contains(":") ? "ipv6" : "ipv4"
        object { writer in
            for name in ["lan", "lan_\(kind)", "wan", "wan_\(kind)"] {
                writer.name(escaping: name)
                writer.string(address)
            }
        }
    }

    private mutating func taggedAddresses(of instance: ServiceInstance) {
        name("TaggedAddresses")
        serviceAddresses(of: instance)
    }

    private mutating func serviceAddresses(of instance: ServiceInstance) {
        object { writer in
            guard !instance.address.isEmpty else { return }
            let kind = instance.address.contains(":") ? "ipv6" : "ipv4"
            for name in ["lan_\(kind)", "wan_\(kind)"] {
                writer.name(escaping: name)
                writer.object {
                    $0.field("Address", instance.address)
                    $0.field("Port", instance.port)
                }
            }
        }
    }
}
