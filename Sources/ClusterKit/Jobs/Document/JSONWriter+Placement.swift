// What a job says of where it runs, as Nomad's answers have it.
extension JSONWriter {
    mutating func write(_ constraints: [Constraint]) {
        list("Constraints", constraints) { writer, constraint in
            writer.object { $0.writeComparison(constraint) }
        }
    }

    mutating func write(_ dependencies: [JobDependency]) {
        list("After", dependencies) { writer, dependency in
            writer.object {
                $0.field("Job", dependency.job.id)
                if !dependency.job.namespace.isEmpty { $0.field("Namespace", dependency.job.namespace) }
                $0.field("State", dependency.state.rawValue)
            }
        }
    }

    mutating func write(_ affinities: [Affinity]) {
        list("Affinities", affinities) { writer, affinity in
            writer.object { writer in
                writer.writeComparison(affinity.condition)
                writer.field("Weight", affinity.weight)
            }
        }
    }

    private mutating func writeComparison(_ constraint: Constraint) {
        field("LTarget", constraint.attribute)
        field("Operand", constraint.comparison.rawValue)
        let isSwitch = constraint.comparison == .distinctHosts && constraint.value.isEmpty
        field("RTarget", isSwitch ? "true" : constraint.value)
    }

    mutating func write(_ spreads: [Spread]) {
        list("Spreads", spreads) { writer, spread in
            writer.object { writer in
                writer.field("Attribute", spread.attribute)
                writer.list("SpreadTarget", spread.targets) { writer, target in
                    writer.object { writer in
                        writer.field("Percent", target.percent)
                        writer.field("Value", target.value)
                    }
                }
                writer.field("Weight", spread.weight)
            }
        }
    }

    /// By name, as Nomad keeps them.
    mutating func write(_ volumes: [VolumeRequest]) {
        guard !volumes.isEmpty else { return nullField("Volumes") }
        object("Volumes") { writer in
            for volume in volumes {
                writer.object(volume.name) { writer in
                    writer.field("AccessMode", "")
                    writer.field("AttachmentMode", "")
                    writer.nullField("MountOptions")
                    writer.field("Name", volume.name)
                    writer.field("PerAlloc", false)
                    writer.field("ReadOnly", volume.readOnly)
                    writer.field("Source", volume.source)
                    writer.field("Type", volume.kind)
                }
            }
        }
    }

    mutating func write(_ devices: [DeviceRequest]) {
        list("Devices", devices) { writer, device in
            writer.object { writer in
                writer.write(device.affinities)
                writer.write(device.constraints)
                writer.field("Count", device.count)
                writer.field("Name", device.name)
            }
        }
    }
}
