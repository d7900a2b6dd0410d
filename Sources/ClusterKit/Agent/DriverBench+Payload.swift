extension DriverBench {
    /// Puts what a dispatch carried where tasks look for it, below their `local` folder.
    func deliverPayload(of assignment: Assignment) throws {
        guard let origin = assignment.job.origin, !origin.payload.isEmpty,
            let bytes = JobOrigin.bytes(of: origin.payload)
        else { return }
        let id = assignment.allocation.id
        for task in assignment.group?.tasks ?? [] {
            guard let file = task.payloadFile, !file.isEmpty else { continue }
            let destination = try TemplateDestination(
                "local/" + file, interpolation: Interpolation(node: node), folders: folders.folders(id, task: task.name)
            )
            try folders.write(bytes, to: destination, mode: 0o644, of: id, task: task.name)
        }
    }
}
