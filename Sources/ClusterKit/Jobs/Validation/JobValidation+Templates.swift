extension JobValidation {
    static func checkTemplates(_ task: TaskSpec, into found: inout MistakeCollector, _ path: JobPath) {
        found.limit(task.templates.count, path, "templates")
        var destinations: Set<String> = []
        for (index, template) in task.templates.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("template", index: index)
            check(template, into: &found, path)
            found.require(
                template.destination.isEmpty || destinations.insert(template.destination).inserted,
                path.attribute("destination"), "another template of the task writes the same file")
        }
    }

    private static func check(_ template: TemplateSpec, into found: inout MistakeCollector, _ path: JobPath) {
        do throws(TemplateError) {
            _ = try Template(
                parsing: template.data, leftDelimiter: template.leftDelimiter, rightDelimiter: template.rightDelimiter)
        } catch {
            found.add(path.attribute("data"), "the template cannot be read: \(error)")
        }
        if template.data.isEmpty { found.add(path.attribute("data"), "must hold the text of the file") }
        if let mistake = mistake(inDestination: template.destination) {
            found.add(path.attribute("destination"), mistake)
        }
        let octal = template.permissions.utf8.allSatisfy { 0x30...0x37 ~= $0 }
        found.require(
            octal && (1...4).contains(template.permissions.utf8.count)
                && Int(template.permissions, radix: 8).map { $0 <= 0o777 } == true,
            path.attribute("perms"), "must be octal, from \"0000\" to \"0777\"")
        found.duration(template.splay, path.attribute("splay"))
        checkReaction(template, into: &found, path)
    }

    private static func checkReaction(_ template: TemplateSpec, into found: inout MistakeCollector, _ path: JobPath) {
        let signal = path.attribute("change_signal")
        guard template.changeMode == .signal else {
            return found.require(
                template.changeSignal.isEmpty, signal, "is sent only when change_mode is \"signal\"; remove one of them"
            )
        }
        if template.changeSignal.isEmpty {
            found.add(signal, "must name the signal that a change sends, \"SIGHUP\" for example")
        } else if !SignalNames.all.contains(template.changeSignal) {
            found.add(
                signal, "no signal is called \(template.changeSignal.quotedForDisplay); use \"SIGHUP\", for example")
        }
        found.require(
            !template.isEnvironment, path.attribute("change_mode"),
            "a signal does not change the environment of what runs; use \"restart\" or \"noop\" with env = true")
    }

    /// What can be told before a node resolves the destination; it checks again.
    static func mistake(inDestination destination: String) -> String? {
        if destination.isEmpty { return "must say where the file goes, \"local/app.conf\" for example" }
        if destination.utf8.contains(0) || destination.utf8.count > 1024 {
            return "must not hold NUL nor be longer than 1024 bytes"
        }
        if destination.split(separator: "/").contains("..") { return "must stay in the task's folder: remove \"..\"" }
        if destination.hasPrefix("/") {
            return "must lie in the task's folder; begin it by local/, secrets/ or ${NOMAD_SECRETS_DIR}/"
        }
        return destination.hasSuffix("/") ? "must name a file, not a folder" : nil
    }
}
