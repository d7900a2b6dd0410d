import ClusterKit
// For the files that answers were recorded in.
import Foundation

/// Compares the shape of an answer with that of a recorded one: every name is there, and has a value of the same kind.
struct Shape {
    /// Objects whose names are the user's, not the protocol's: only names that both have are compared.
    var maps: Set<String> = ["Drivers", "Attributes", "Meta", "Env", "Details", "Tags", "Scores", "NodesAvailable"]
    /// Names that this cluster has nothing to say under.
    var missing: Set<String> = []

    /// What differs, by path; empty when nothing does.
    func differences(_ ours: JSONValue, from sample: JSONValue, at path: String = "$", name: String = "") -> [String] {
        switch (ours, sample) {
        case (.null, _), (_, .null), (.bool, .bool), (.string, .string): return []
        case (.integer, .integer), (.integer, .number), (.number, .integer), (.number, .number): return []
        case (.array(let ours), .array(let sample)):
            guard let model = sample.first else { return [] }
            return ours.enumerated().flatMap { differences($1, from: model, at: "\(path)[\($0)]", name: name) }
        case (.object(let ours), .object(let sample)):
            return sample.members.flatMap { member -> [String] in
                let place = "\(path).\(member.name)"
                guard let value = ours[member.name] else {
                    let isKnown = maps.contains(name) || missing.contains(member.name)
                    return isKnown ? [] : ["\(place) is missing"]
                }
                return differences(value, from: member.value, at: place, name: member.name)
            }
        default: return ["\(path) is \(ours.typeName), in the sample \(sample.typeName)"]
        }
    }

    /// A recorded answer.
    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "Fixtures/\(name)")))
    }
}
