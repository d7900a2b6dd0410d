import ClusterKit
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A sink of one's own: appends measurements to a file in InfluxDB's line protocol, which Telegraf and others read.
///
/// `record` only puts lines into a buffer of bounded size; `run` writes them. When the disk does not keep up, new lines
/// are left out and counted.
final class LineProtocolSink: MetricSink {
    private struct State {
        var lines: [String] = []
        var dropped = 0
        var isPaused = false
    }

    let capacity: Int
    private let path: String
    private let state = Mutex(State())

    init(path: String, capacity: Int = 50_000) {
        self.path = path
        self.capacity = capacity
    }

    func record(_ samples: [Sample]) {
        let lines = samples.compactMap(Self.line)
        state.withLock { state in
            let room = max(0, capacity - state.lines.count)
            state.lines += lines.prefix(room)
            state.dropped += max(0, lines.count - room)
        }
    }

    /// Writes until it is canceled, and what is left then.
    func run() async throws {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw ClusterError(.unavailable, "cannot open \(path): error \(errno)") }
        defer { close(file) }
        while !Task.isCancelled {
            flush(to: file)
            try? await Task.sleep(for: .milliseconds(50))
        }
        flush(to: file)
    }

    private func flush(to file: Int32) {
        let lines = state.withLock { state -> [String] in
            guard !state.isPaused else { return [] }
            defer { state.lines = [] }
            return state.lines
        }
        var rest = lines.joined()[...].utf8
        while !rest.isEmpty {
            let written = Array(rest).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard written > 0 else { return state.withLock { $0.dropped += lines.count } }
            rest = rest.dropFirst(written)
        }
    }

    /// `name,label=value field=1`, or nothing for what the protocol has no form for.
    static func line(_ sample: Sample) -> String? {
        guard sample.labels.count == sample.metric.labels.count, !sample.metric.name.isEmpty else { return nil }
        var line = escaped(sample.metric.name)
        for (label, value) in zip(sample.metric.labels, sample.labels) where !value.isEmpty && !label.isEmpty {
            line += ",\(escaped(label))=\(escaped(value))"
        }
        switch sample.reading {
        case .value(let number) where number.isFinite: return "\(line) value=\(number)\n"
        case .total(let number) where number.isFinite: return "\(line) total=\(number)\n"
        case .increment(let number) where number.isFinite: return "\(line) increment=\(number)\n"
        case .observations(let counts, let sum) where sum.isFinite:
            let count = counts.reduce(UInt64(0)) { $0.addingReportingOverflow($1).partialValue }
            return "\(line) count=\(count)u,sum=\(sum)\n"
        default: return nil
        }
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            if scalar == "," || scalar == "=" || scalar == " " || scalar == "\\" { escaped += "\\" }
            escaped.unicodeScalars.append(scalar.value < 0x20 ? "_" : scalar)
        }
    }

    // MARK: - For the suite

    var waiting: Int { state.withLock(\.lines.count) }
    func pause(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }
}
