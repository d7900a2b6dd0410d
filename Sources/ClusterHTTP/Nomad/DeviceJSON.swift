import ClusterKit

/// Devices and folders that machines offer, and what allocations hold of them.
extension AnswerWriter {
    /// The folders that a machine lets jobs use, by name.
    mutating func hostVolumes(_ volumes: [String: HostVolume]) {
        name("HostVolumes")
        guard !volumes.isEmpty else { return null() }
        object { writer in
            for (name, volume) in volumes.sorted(by: { $0.key < $1.key }) {
                writer.name(escaping: name)
                writer.object {
                    $0.field("Name", name)
                    $0.field("Path", volume.path)
                    $0.field("ReadOnly", volume.readOnly)
                }
            }
        }
    }

    /// The devices of a machine, in groups of equal ones.
    mutating func devices(_ groups: [DeviceGroup]) {
        name("Devices")
        arrayOrNull(groups) { writer, group in
            writer.object { writer in
                writer.deviceName(group.name)
                writer.name("Instances")
                writer.arrayOrNull(group.instances) { writer, instance in
                    writer.object {
                        $0.field("ID", instance.id)
                        $0.field("Healthy", instance.healthy)
                        $0.literal(#""HealthDescription":"","Locality":null"#)
                    }
                }
                writer.name("Attributes")
                writer.deviceAttributes(group.attributes)
            }
        }
    }

    /// The devices that a task holds.
    mutating func devices(_ devices: [AllocatedDevice]) {
        name("Devices")
        arrayOrNull(devices) { writer, device in
            writer.object {
                $0.deviceName(device.name)
                $0.field("DeviceIDs", device.instances)
            }
        }
    }

    private mutating func deviceName(_ name: DeviceName) {
        field("Vendor", name.vendor)
        field("Type", name.kind)
        field("Name", name.model)
    }

    private mutating func deviceAttributes(_ attributes: [String: String]) {
        guard !attributes.isEmpty else { return null() }
        object { writer in
            for (name, text) in attributes.sorted(by: { $0.key < $1.key }) {
                writer.name(escaping: name)
                writer.object { $0.deviceAttribute(text) }
            }
        }
    }

    /// A number with its unit where the text is one, as Nomad reads it; else a truth value or the text.
    private mutating func deviceAttribute(_ text: String) {
        let unit = Self.units.first { text.hasSuffix($0) } ?? ""
        var number = text.dropLast(unit.count)
        while number.last == " " { number.removeLast() }
        if let integer = Int64(number) {
            field("Int", integer)
            field("Unit", unit)
        } else if let double = Double(number), double.isFinite {
            field("Float", double)
            field("Unit", unit)
        } else if text == "true" || text == "false" {
            field("Bool", text == "true")
            field("Unit", "")
        } else {
            field("String", text)
            field("Unit", "")
        }
    }

    /// The units that Nomad knows, longest first.
    private static let units: [String] = {
        let bytes = ["", "k", "K", "M", "G", "T", "P", "E"].map { $0 + "B" }
        let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map { $0 + "B" }
        let rates = (bytes + binary).map { $0 + "/s" }
        let others = ["MHz", "GHz", "mW", "W", "kW", "MW", "GW"]
        return (bytes + binary + rates + others).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }()
}
