extension JSONWriter {
    mutating func write(_ periodic: PeriodicSpec?) {
        guard let periodic else { return nullField("Periodic") }
        object("Periodic") { writer in
            writer.field("Enabled", periodic.isEnabled)
            writer.field("ProhibitOverlap", periodic.prohibitsOverlap)
            writer.field("Spec", periodic.crons.count == 1 ? periodic.crons[0] : "")
            writer.field("SpecType", "cron")
            if periodic.crons.count == 1 {
                writer.nullField("Specs")
            } else {
                writer.field("Specs", periodic.crons)
            }
            writer.field("TimeZone", periodic.timeZone)
        }
    }

    mutating func write(_ parameterized: ParameterizedSpec?) {
        guard let parameterized else { return nullField("ParameterizedJob") }
        object("ParameterizedJob") { writer in
            writer.field("MetaOptional", parameterized.optionalMeta)
            writer.field("MetaRequired", parameterized.requiredMeta)
            writer.field("Payload", parameterized.payload.rawValue)
        }
    }

    /// Where a job comes from that nobody registered.
    mutating func write(_ origin: JobOrigin?) {
        if let token = origin?.idempotencyToken, !token.isEmpty { field("DispatchIdempotencyToken", token) }
        field("ParentID", origin?.parent.id ?? "")
        if let payload = origin?.payload, !payload.isEmpty {
            field("Payload", payload)
        } else {
            nullField("Payload")
        }
    }

    /// Where a task finds what a dispatch carried.
    mutating func write(payloadFile: String?) {
        guard let payloadFile else { return nullField("DispatchPayload") }
        object("DispatchPayload") { $0.field("File", payloadFile) }
    }
}
