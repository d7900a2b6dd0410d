extension JobReading {
    /// What a service says for checks that say nothing.
    private struct CheckRestart {
        var limit = 0
        var grace = Duration.seconds(1)
        var ignoresWarnings = false
    }

    static func service(_ fields: Fields) -> ServiceSpec {
        fields.refuse(UnsupportedFields.service)
        let restart = fields.block("check_restart", "CheckRestart", read: checkRestart) ?? CheckRestart()
        let onUpdate = fields.text("on_update", "OnUpdate") ?? ""
        return ServiceSpec(
            name: fields.text("name", "Name") ?? "", portLabel: fields.text("port", "PortLabel") ?? "",
            tags: fields.texts("tags", "Tags") ?? [], canaryTags: fields.texts("canary_tags", "CanaryTags") ?? [],
            meta: fields.textMap("meta", "Meta") ?? [:], provider: fields.text("provider", "Provider") ?? "",
            addressMode: fields.text("address_mode", "AddressMode") ?? "", task: fields.text("task", "TaskName") ?? "",
            checks: fields.blocks("check", labels: [], "Checks") { check($0, restart, onUpdate: onUpdate) })
    }

    private static func checkRestart(_ fields: Fields) -> CheckRestart {
        CheckRestart(
            limit: fields.integer("limit", "Limit") ?? 0, grace: fields.span("grace", "Grace") ?? .seconds(1),
            ignoresWarnings: fields.flag("ignore_warnings", "IgnoreWarnings") ?? false)
    }

    private static func check(_ fields: Fields, _ standard: CheckRestart, onUpdate: String) -> CheckSpec {
        fields.refuse(UnsupportedFields.check)
        let restart = fields.block("check_restart", "CheckRestart", read: checkRestart) ?? standard
        let ownOnUpdate = fields.text("on_update", "OnUpdate") ?? ""
        return CheckSpec(
            name: fields.text("name", "Name") ?? "", kind: fields.text("type", "Type") ?? "",
            portLabel: fields.text("port", "PortLabel") ?? "", path: fields.text("path", "Path") ?? "",
            protocol: fields.text("protocol", "Protocol") ?? "", method: fields.text("method", "Method") ?? "",
            header: fields.headers("header", "Header") ?? [:], body: fields.text("body", "Body") ?? "",
            command: fields.text("command", "Command") ?? "", arguments: fields.texts("args", "Args") ?? [],
            interval: fields.span("interval", "Interval") ?? .zero,
            timeout: fields.span("timeout", "Timeout") ?? .zero,
            initialStatus: fields.text("initial_status", "InitialStatus") ?? "",
            successBeforePassing: fields.integer("success_before_passing", "SuccessBeforePassing") ?? 0,
            failuresBeforeCritical: fields.integer("failures_before_critical", "FailuresBeforeCritical") ?? 0,
            restartLimit: restart.limit, restartGrace: restart.grace,
            restartIgnoresWarnings: restart.ignoresWarnings, task: fields.text("task", "TaskName") ?? "",
            onUpdate: ownOnUpdate.isEmpty ? onUpdate : ownOnUpdate,
            skipsVerification: fields.flag("tls_skip_verify", "TLSSkipVerify") ?? false)
    }
}
