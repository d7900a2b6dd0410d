import ClusterKit
import ClusterTesting
import Foundation
import Testing

/// A job, what happens to it, and the expected text of all that becomes true: a whole cluster under a virtual clock,
/// without chance. The expected text lies in `Golden`, and is renewed with `REWRITE=1` by whoever has read the
/// difference.
struct Scenario {
    /// The name of the expected text.
    let name: String
    var machines: [Node] = (1...3).map { SampleCluster.node("node-\($0)", number: UInt64($0)) }
    var script: [ScriptStep] = []
    var course: @Sendable (TaskTurn) -> TaskCourse = { _ in .runs }
    var duration: Duration

    init(
        _ name: String, for duration: Duration, machines: Int = 3, _ script: [ScriptStep],
        course: @escaping @Sendable (TaskTurn) -> TaskCourse = { _ in .runs }
    ) {
        self.name = name
        self.duration = duration
        self.machines = (1...machines).map { SampleCluster.node("node-\($0)", number: UInt64($0)) }
        self.script = script
        self.course = course
    }

    /// Runs it, compares what became true with the expected text, and gives the report for further questions.
    @discardableResult
    func check(_ source: SourceLocation = #_sourceLocation) throws -> WorldReport {
        let options = WorldOptions(machines: machines, script: script, duration: duration, course: course)
        let report = SimulatedWorld(options).run()
        #expect(report.violations.isEmpty, sourceLocation: source)
        let text = report.chronicle.joined(separator: "\n") + "\n"
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).txt")
        let environment = ProcessInfo.processInfo.environment
        if environment["REWRITE"] == "1", environment["CI"] == nil {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: url, encoding: .utf8)
        #expect(
            text == expected, "\(name): renew the expected text with REWRITE=1 if this is right", sourceLocation: source
        )
        return report
    }
}

extension Job {
    /// A job as its file states it.
    static func file(_ text: String, _ source: SourceLocation = #_sourceLocation) throws -> Job {
        try JobFile(text: text).job()
    }
}
