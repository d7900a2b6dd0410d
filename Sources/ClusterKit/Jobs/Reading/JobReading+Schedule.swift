extension JobReading {
    static func periodic(_ fields: Fields) -> PeriodicSpec {
        // Nomad's own answers hold the empty one beside a list.
        let one = fields.text("cron", "Spec").flatMap { $0.isEmpty ? nil : $0 }
        let several = fields.texts("crons", "Specs") ?? []
        if one != nil, !several.isEmpty {
            fields.fail("and crons exclude each other; write all expressions into crons", "cron", "Spec")
        }
        let zone = fields.text("time_zone", "TimeZone") ?? ""
        return PeriodicSpec(
            one.map { [$0] } ?? several, timeZone: zone.isEmpty ? "UTC" : zone,
            prohibitsOverlap: fields.flag("prohibit_overlap", "ProhibitOverlap") ?? false,
            isEnabled: fields.flag("enabled", "Enabled") ?? true)
    }

    static func parameterized(_ fields: Fields) -> ParameterizedSpec {
        ParameterizedSpec(
            payload: fields.word("payload", "Payload") ?? .optional,
            requiredMeta: fields.texts("meta_required", "MetaRequired") ?? [],
            optionalMeta: fields.texts("meta_optional", "MetaOptional") ?? [])
    }
}
