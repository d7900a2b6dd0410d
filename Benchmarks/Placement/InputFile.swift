import ArgumentParser
import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Machines and shapes of a user's own, as CSV with a header.
enum InputFile {
    static func machines(_ path: String) throws -> [Machine] {
        var kinds: [String: Int32] = [:]
        return try rows(path, ["name", "cpu_mhz", "memory_mib", "disk_mib", "class"]).map { row in
            let kind = kinds[row.texts[4]] ?? Int32(kinds.count)
            kinds[row.texts[4]] = kind
            return Machine(
                name: row.texts[0],
                amounts: PlacementIndex.Amounts(
                    cpu: try row.number(1), memory: try row.number(2), disk: try row.number(3)), kind: kind)
        }.sorted { $0.name < $1.name }
    }

    static func shapes(_ path: String) throws -> [Shape] {
        try rows(path, ["name", "count", "cpu_mhz", "memory_mib", "disk_mib"]).map { row in
            Shape(
                cpu: try row.number(2), memory: try row.number(3), disk: try row.number(4),
                weight: min(1_000_000, try row.number(1)))
        }
    }

    private struct Row {
        let path: String
        let line: Int
        let header: [String]
        let texts: [String]

        /// A whole number from 0 to 2^46.
        func number(_ column: Int) throws -> Int {
            guard let number = Int(texts[column]), (0...1 << 46).contains(number) else {
                throw ValidationError(
                    "\(path), line \(line): \(header[column]) must be a whole number of at least 0, it is "
                        + "\"\(texts[column])\".")
            }
            return number
        }
    }

    private static func rows(_ path: String, _ header: [String]) throws -> [Row] {
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        } catch {
            throw ValidationError("\(path): cannot be read: \(error)")
        }
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
        }
        guard lines.first == header else {
            throw ValidationError("\(path), line 1: the header must be \(header.joined(separator: ",")).")
        }
        guard lines.count > 1 else { throw ValidationError("\(path): there is nothing below the header.") }
        return try lines.enumerated().dropFirst().map { number, texts in
            guard texts.count == header.count else {
                throw ValidationError(
                    "\(path), line \(number + 1): \(header.count) columns are wanted, there are \(texts.count).")
            }
            return Row(path: path, line: number + 1, header: header, texts: texts)
        }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
