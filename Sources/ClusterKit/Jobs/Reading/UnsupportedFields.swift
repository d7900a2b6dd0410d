/// What is refused by name, block by block.
enum UnsupportedFields {
    private static let removeBlock = "Remove the block."
    private static let vault = UnsupportedField("vault", "Vault", removeBlock)

    static let job: [UnsupportedField] = [
        vault,
        UnsupportedField("all_at_once", "AllAtOnce"),
        UnsupportedField("consul", "Consul", removeBlock),
        UnsupportedField("multiregion", "Multiregion", "Remove the block, and submit the job in each region."),
        UnsupportedField("consul_token", ""), UnsupportedField("vault_token", ""),
        UnsupportedField("ui", "", removeBlock),
        UnsupportedField("task", "", "Put the task in a group: group \"name\" { task … }."),
    ]

    static let group: [UnsupportedField] = [
        vault,
        UnsupportedField("consul", "Consul", removeBlock),
        UnsupportedField(
            "prevent_reschedule_on_lost", "PreventRescheduleOnLost",
            "Use lost_after and replace = false of the block \"disconnect\"."),
    ]

    static let scaling: [UnsupportedField] = [
        UnsupportedField("type", "", "Remove it: groups are scaled by their count, which Nomad calls horizontal.")
    ]

    static let disk: [UnsupportedField] = [
        UnsupportedField("migrate", "Migrate", "Remove it: data stays on the node where it was written."),
        UnsupportedField("sticky", "Sticky", "Remove it: a new instance begins with an empty disk."),
    ]

    static let network: [UnsupportedField] = [
        UnsupportedField("cni", "CNI", removeBlock), UnsupportedField("device", "Device"),
        UnsupportedField("dns", "DNS", removeBlock),
        UnsupportedField("hostname", "Hostname"),
        UnsupportedField("mbits", "MBits", "Remove it: bandwidth is not counted."),
    ]

    static let port: [UnsupportedField] = [
        UnsupportedField("host_network", "HostNetwork", "Remove it: every node has one network."),
        UnsupportedField("ignore_collision", "IgnoreCollision"),
    ]

    static let task: [UnsupportedField] = [
        vault,
        UnsupportedField("action", "Actions", removeBlock),
        UnsupportedField("artifact", "Artifacts", "Remove the block, and let the task fetch what it needs."),
        UnsupportedField("consul", "Consul", removeBlock),
        UnsupportedField("csi_plugin", "CSIPluginConfig", removeBlock),
        UnsupportedField("identity", "Identities", removeBlock),
        UnsupportedField("kind", "Kind"),
        UnsupportedField("scaling", "ScalingPolicies", removeBlock),
        UnsupportedField("schedule", "Schedule", removeBlock),
        UnsupportedField("secret", "Secrets", removeBlock),
        UnsupportedField("user", "User", "Remove it: tasks run as the agent's user."),
        UnsupportedField(
            "volume_mount", "VolumeMounts",
            "Remove the block: no driver mounts anything; a task finds a host volume under its own path."),
    ]

    static let resources: [UnsupportedField] = [
        UnsupportedField("network", "Networks", "Move the block into the group: group \"name\" { network { … } }."),
        UnsupportedField("iops", "IOPS"),
        UnsupportedField("numa", "NUMA", removeBlock),
        UnsupportedField("disk", "DiskMB", "Use ephemeral_disk of the group."),
        UnsupportedField("secrets", "SecretsMB"),
    ]

    static let logs: [UnsupportedField] = [UnsupportedField("disabled", "Disabled"), UnsupportedField("enabled", "")]

    static let service: [UnsupportedField] = [
        UnsupportedField("address", "Address"), UnsupportedField("canary_meta", "CanaryMeta", removeBlock),
        UnsupportedField("connect", "Connect", removeBlock),
        UnsupportedField("enable_tag_override", "EnableTagOverride"),
        UnsupportedField("identity", "Identity", removeBlock), UnsupportedField("kind", "Kind"),
        UnsupportedField("tagged_addresses", "TaggedAddresses", removeBlock),
        UnsupportedField("weights", "Weights", removeBlock),
    ]

    static let check: [UnsupportedField] = [
        UnsupportedField("address_mode", "AddressMode", "Remove it: checks ask where the service is."),
        UnsupportedField("expose", "Expose"),
        UnsupportedField("grpc_service", "GRPCService", "Use a check of type http or tcp."),
        UnsupportedField("grpc_use_tls", "GRPCUseTLS", "Use a check of type http or tcp."),
        UnsupportedField("tls_server_name", "TLSServerName"),
    ]
}
