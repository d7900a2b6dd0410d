extension JobReading {
    static func template(_ fields: Fields) -> TemplateSpec {
        fields.refuse(UnsupportedFields.template)
        let mode: TemplateChangeMode? = changeMode(fields)
        let left = fields.text("left_delimiter", "LeftDelim") ?? ""
        let right = fields.text("right_delimiter", "RightDelim") ?? ""
        let permissions = fields.text("perms", "Perms") ?? ""
        return TemplateSpec(
            data: fields.text("data", "EmbeddedTmpl") ?? "", destination: fields.text("destination", "DestPath") ?? "",
            changeMode: mode ?? .restart, changeSignal: fields.text("change_signal", "ChangeSignal") ?? "",
            splay: fields.span("splay", "Splay") ?? .seconds(5),
            permissions: permissions.isEmpty ? "0644" : permissions,
            leftDelimiter: left.isEmpty ? "{{" : left, rightDelimiter: right.isEmpty ? "}}" : right,
            isEnvironment: fields.flag("env", "Envvars") ?? false,
            failsOnMissingKey: fields.flag("error_on_missing_key", "ErrMissingKey") ?? false)
    }

    private static func changeMode(_ fields: Fields) -> TemplateChangeMode? {
        if fields.text("change_mode", "ChangeMode") == "script" {
            fields.fail(
                "scripts are not run; use \"restart\", \"signal\" or \"noop\"", "change_mode", "ChangeMode")
            return nil
        }
        return fields.word("change_mode", "ChangeMode")
    }
}

extension UnsupportedFields {
    static let template: [UnsupportedField] = [
        UnsupportedField("source", "SourcePath", "Put the text into data, as a heredoc."),
        UnsupportedField("change_script", "ChangeScript", "Remove the block, and use a signal or a restart."),
        UnsupportedField("once", "Once", "Remove it: use change_mode \"noop\"."),
        UnsupportedField("wait", "Wait", "Remove the block: changes are acted upon at once, after splay."),
        UnsupportedField("vault_grace", "VaultGrace"),
        UnsupportedField("uid", "Uid", "Remove it: files belong to the agent's user, as tasks do."),
        UnsupportedField("gid", "Gid", "Remove it: files belong to the agent's user, as tasks do."),
    ]
}
