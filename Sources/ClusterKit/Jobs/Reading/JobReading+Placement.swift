extension JobReading {
    static func spread(_ fields: Fields) -> Spread {
        Spread(
            fields.text("attribute", "Attribute") ?? "", weight: fields.integer("weight", "Weight") ?? 50,
            targets: fields.blocks("target", labels: ["value"], "SpreadTarget") { target in
                SpreadTarget(target.label("Value"), percent: target.integer("percent", "Percent") ?? 0)
            })
    }

    /// The pools of a group: one, or several with the preferred one first. Nomad knows pools of jobs only.
    static func nodePools(_ fields: Fields) -> [String] {
        let pool = fields.text("node_pool", "NodePool") ?? ""
        let pools = fields.texts("node_pools", "NodePools") ?? []
        guard !pool.isEmpty else { return pools }
        if !pools.isEmpty {
            fields.fail("states pools beside node_pool; put all of them into node_pools", "node_pools", "NodePools")
        }
        return [pool]
    }

    static func volume(_ name: String, _ fields: Fields) -> VolumeRequest {
        fields.refuse(UnsupportedFields.volume)
        return VolumeRequest(
            name: name, kind: fields.text("type", "Type") ?? "", source: fields.text("source", "Source") ?? "",
            readOnly: fields.flag("read_only", "ReadOnly") ?? false)
    }

    static func device(_ fields: Fields) -> DeviceRequest {
        DeviceRequest(
            name: fields.label("Name"), count: fields.integer("count", "Count") ?? 1,
            constraints: fields.constraints(), affinities: fields.affinities())
    }
}

extension UnsupportedFields {
    static let volume: [UnsupportedField] = [
        UnsupportedField("access_mode", "AccessMode", "Remove it: folders of nodes have none."),
        UnsupportedField("attachment_mode", "AttachmentMode", "Remove it: folders of nodes have none."),
        UnsupportedField("mount_options", "MountOptions", "Remove the block: nothing is mounted."),
        UnsupportedField("per_alloc", "PerAlloc", "Remove it, and name one source."),
    ]
}
