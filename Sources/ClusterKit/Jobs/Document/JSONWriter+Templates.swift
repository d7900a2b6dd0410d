extension JSONWriter {
    /// How long an instance may run. Left out where nothing is said, as older clients do not know it.
    mutating func write(_ limit: RunLimit?) {
        guard let limit else { return }
        field("MaxRunDuration", limit.duration)
        guard let signal = limit.warningSignal else { return }
        object("RunWarning") { writer in
            writer.field("Before", limit.warningTime)
            writer.field("Signal", signal)
        }
    }

    /// The place of a task in the life of its group.
    mutating func write(_ lifecycle: TaskLifecycle?) {
        guard let lifecycle else { return nullField("Lifecycle") }
        object("Lifecycle") { writer in
            writer.field("Hook", lifecycle.hook.rawValue)
            writer.field("Sidecar", lifecycle.isSidecar)
        }
    }

    /// A template, as Nomad's answers have it.
    mutating func write(_ template: TemplateSpec) {
        object { writer in
            writer.field("ChangeMode", template.changeMode.rawValue)
            writer.nullField("ChangeScript")
            writer.field("ChangeSignal", template.changeSignal)
            writer.field("DestPath", template.destination)
            writer.field("EmbeddedTmpl", template.data)
            writer.field("Envvars", template.isEnvironment)
            writer.field("ErrMissingKey", template.failsOnMissingKey)
            writer.nullField("Gid")
            writer.field("LeftDelim", template.leftDelimiter)
            writer.field("Once", false)
            writer.field("Perms", template.permissions)
            writer.field("RightDelim", template.rightDelimiter)
            writer.field("SourcePath", "")
            writer.field("Splay", template.splay)
            writer.nullField("Uid")
            writer.field("VaultGrace", 0)
            writer.nullField("Wait")
        }
    }
}
