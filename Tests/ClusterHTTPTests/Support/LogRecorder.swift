import Logging
import Synchronization

/// Keeps what is logged, for looking at it.
final class LogRecorder: Sendable {
    private let kept = Mutex<[String]>([])

    /// Every line with its metadata.
    var lines: [String] { kept.withLock { $0 } }

    /// Logs everything into this recorder.
    var logger: Logger {
        var logger = Logger(label: "recorded") { _ in Handler(recorder: self) }
        logger.logLevel = .trace
        return logger
    }

    private func keep(_ line: String) { kept.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.keep("\(event.level) \(event.message) \(metadata) \(event.metadata ?? [:])")
        }
    }
}
