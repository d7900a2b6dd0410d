import ArgumentParser
import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Machines and shapes of a user's own, as CSV with a header.
enum InputFile {
    /// Amounts beyond this (64 TiB as MiB) do not exist.
    private static let most = 1 << 46
    /// Nor do so many of all machines together, and sums of what is left stay numbers.
    private static let mostInAll = 1 << 60
    /// How often one shape may come.
    private static let mostOften = 1_000_000

    static func machines(_ path: String) throws -> [Machine] {
        let header = ["name", "cpu_mhz", "memory_mib", "disk_mib", "class"]
        var kinds: [String: Int32] = [:]
        var names: Set<String> = []
        let machines = try rows(path, header).map { row in
            guard names.insert(row.values[0]).inserted else {
                throw row.mistake("there is another machine named \"\(row.values[0])\"; names tell them apart")
            }
            let kind = kinds[row.values[4]] ?? Int32(kinds.count)
            kinds[row.values[4]] = kind
            return Machine(
                name: row.values[0],
                amounts: PlacementIndex.Amounts(
                    cpu: try row.number(1, upTo: most), memory: try row.number(2, upTo: most),
                    disk: try row.number(3, upTo: most)), kind: kind, className: row.values[4])
        }
        for (place, amount) in [\PlacementIndex.Amounts.cpu, \.memory, \.disk].enumerated() {
            var sum = 0
            for machine in machines {
                sum += machine.amounts[keyPath: amount]
                guard sum <= mostInAll else {
                    throw ClusterError(
                        .invalid, "\(path): \(header[place + 1]) of all machines is more than \(mostInAll) in all.")
                }
            }
        }
        return machines.sorted { $0.name < $1.name }
    }

    static func shapes(_ path: String) throws -> [Shape] {
        let shapes = try rows(path, ["name", "count", "cpu_mhz", "memory_mib", "disk_mib"]).map { row in
            let shape = Shape(
                cpu: try row.number(2, upTo: most), memory: try row.number(3, upTo: most),
                disk: try row.number(4, upTo: most), weight: try row.number(1, upTo: mostOften))
            // As many of them would fit as one likes.
            guard shape.cpu > 0 || shape.memory > 0 else {
                throw row.mistake("it asks for neither cpu_mhz nor memory_mib; state at least one of them")
            }
            return shape
        }
        guard shapes.contains(where: { $0.weight > 0 }) else {
            throw ClusterError(.invalid, "\(path): every count is 0, so nothing would be placed.")
        }
        return shapes
    }

    /// Nothing can be measured where nothing fits.
    static func check(_ shapes: [Shape], on machines: [Machine]) throws {
        let isAnyPlaced = shapes.contains { shape in
            shape.weight > 0 && machines.contains { $0.fits(shape) }
        }
        guard isAnyPlaced else {
            throw ValidationError("No shape that comes at all fits on any machine, even when nothing else runs there.")
        }
    }

    private static func rows(_ path: String, _ header: [String]) throws -> [CommaTable.Row] {
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        } catch {
            throw ValidationError("\(path): cannot be read: \(error)")
        }
        return try CommaTable(text, of: path, header: header).rows
    }
}
