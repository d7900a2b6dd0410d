import ClusterKit
import HCL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AgentConfiguration {
    /// Takes what the file says that jobs may ask of the machine: folders by name, and devices.
    mutating func readOffers(_ reader: BodyReader) {
        var taken: Set<String> = []
        for (name, volume) in reader.blocks("host_volume", labels: ["name"], read: Self.hostVolume) {
            if !taken.insert(name).inserted {
                reader.fail(
                    "the host_volume \"\(name)\" is there already; give this one another name", at: "host_volume")
            }
            hostVolumes[name] = volume
        }
        devices += reader.blocks("device", labels: ["vendor/type/model"], read: Self.device)
    }

    private static func hostVolume(_ reader: BodyReader) -> (String, HostVolume)? {
        let readOnly = reader.bool("read_only") ?? false
        guard let path = reader.string("path", .required) else { return nil }
        guard path.hasPrefix("/") else {
            reader.fail("\"path\" must be absolute, it is \"\(path)\"", at: "path")
            return nil
        }
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            reader.fail(
                "there is no folder \(path) that the agent may see; make it, or correct \"path\"", at: "path")
            return nil
        }
        return (reader.label(0), HostVolume(path: path, readOnly: readOnly))
    }

    private static func device(_ reader: BodyReader) -> DeviceGroup? {
        let parts = reader.label(0).split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let attributes = reader.stringMap("attributes") ?? [:]
        let instances = reader.blocks("instance", labels: ["id"]) { instance in
            DeviceInstance(instance.label(0), healthy: instance.bool("healthy") ?? true)
        }
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else {
            reader.fail("a device is named by vendor, type and model: device \"nvidia/gpu/a100\" { … }")
            return nil
        }
        if instances.isEmpty {
            reader.fail("a device needs an instance for each that there is: instance \"0\" {}")
        }
        let name = DeviceName(vendor: String(parts[0]), kind: String(parts[1]), model: String(parts[2]))
        return DeviceGroup(name: name, attributes: attributes, instances: instances.sorted { $0.id < $1.id })
    }
}
