public import ClusterKit
import Dispatch
import Synchronization

/// Checks the promises that `MetricSink` states, for whoever writes one.
///
/// ```swift
/// let violations = await MetricSinkConformance { MetricSinkConformance.Subject(MySink()) }.run()
/// #expect(violations.isEmpty)
/// ```
///
/// A sink that traps ends the program, which is a violation too, if a loud one.
public struct MetricSinkConformance: Sendable {
    /// A sink and what its author lets the suite see of it. What is left out is not checked.
    public struct Subject: Sendable {
        /// The sink; a fresh one.
        public var sink: any MetricSink
        /// Holds up whatever the sink hands its samples to, as a disk or a network does that stands still.
        public var jam: @Sendable () -> Void
        /// Lets it go on.
        public var release: @Sendable () -> Void
        /// How many samples wait to be handed on; `nil` when the sink hands nothing on.
        public var waiting: (@Sendable () -> Int)?
        /// The most that may wait.
        public var capacity: Int
        /// All series as they stand, counters as totals; `nil` for a sink that keeps none.
        public var read: (@Sendable () -> [Sample])?

        /// Shows a sink that keeps its samples, or hands them on where nothing can be held up.
        public init(
            _ sink: any MetricSink, jam: @escaping @Sendable () -> Void = {},
            release: @escaping @Sendable () -> Void = {}, waiting: (@Sendable () -> Int)? = nil, capacity: Int = 0,
            read: (@Sendable () -> [Sample])? = nil
        ) {
            self.sink = sink
            self.jam = jam
            self.release = release
            self.waiting = waiting
            self.capacity = capacity
            self.read = read
        }
    }

    private let patience: Duration
    private let makeSubject: @Sendable () async throws -> Subject

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - patience: how long a few thousand calls of `record` may take in all; generous, for machines are busy.
    ///   - makeSubject: makes a fresh sink for each check.
    public init(
        patience: Duration = .seconds(10), makeSubject: @escaping @Sendable () async throws -> Subject
    ) {
        self.patience = patience
        self.makeSubject = makeSubject
    }

    /// Runs all checks and returns the promises that were broken.
    public func run() async -> [Violation] {
        let checks: [(String, @Sendable (Subject) async -> [String])] = [
            ("record returns at once", checkReturns),
            ("record returns at once while what takes the samples stands still", checkJammed),
            ("what waits is bounded", checkBounds),
            ("record takes whatever it is given", checkOddities),
            ("no measurement of many at once is lost or counted twice", checkCounts),
            ("the newest value of a gauge stands", checkGauges),
        ]
        var violations: [Violation] = []
        for (rule, check) in checks {
            do {
                let subject = try await makeSubject()
                violations += await check(subject).map { Violation(rule: rule, detail: $0) }
            } catch {
                violations.append(Violation(rule: rule, detail: "no sink could be made: \(error)"))
            }
        }
        return violations
    }

    private static let gauge = Metric("conformance_level", .gauge, .count, labels: ["place"], help: "A level.")
    private static let counter = Metric("conformance_things_total", .counter, .count, labels: ["kind"], help: "Things.")
    private static let histogram = Metric(
        "conformance_size_bytes", .histogram, .bytes, labels: ["kind"], limits: [1, 10], help: "Sizes.")

    // MARK: - Time

    /// Runs `body` on a thread that may be lost: a sink that blocks must not block the suite. Gives whether it
    /// returned.
    private func returns(_ body: @escaping @Sendable () -> Void) async -> Bool {
        let done = Once()
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "conformance.record").async {
                body()
                if done.isFirst { continuation.resume(returning: true) }
            }
            let limit = DispatchTime.now() + .nanoseconds(Int(patience.nanoseconds))
            DispatchQueue.global().asyncAfter(deadline: limit) {
                if done.isFirst { continuation.resume(returning: false) }
            }
        }
    }

    private func checkReturns(_ subject: Subject) async -> [String] {
        let batch = (0..<1000).map { Sample(Self.gauge, ["p\($0)"], .value(1)) }
        let isBack = await returns { [sink = subject.sink] in
            sink.record([])
            for _ in 0..<10 { sink.record(batch) }
            for sample in batch { sink.record([sample]) }
        }
        return isBack ? [] : ["1011 calls did not return within \(patience)"]
    }

    private func checkJammed(_ subject: Subject) async -> [String] {
        subject.jam()
        defer { subject.release() }
        let isBack = await returns { [sink = subject.sink] in
            for number in 0..<2000 { sink.record([Sample(Self.counter, ["\(number % 7)"], .increment(1))]) }
        }
        return isBack ? [] : ["2000 calls did not return within \(patience)"]
    }

    private func checkBounds(_ subject: Subject) async -> [String] {
        guard let waiting = subject.waiting else { return [] }
        subject.jam()
        defer { subject.release() }
        let rounds = subject.capacity / 100 * 2 + 10
        let isBack = await returns { [sink = subject.sink] in
            for round in 0..<rounds {
                sink.record((0..<100).map { Sample(Self.gauge, ["\(round).\($0)"], .value(1)) })
            }
        }
        guard isBack else { return ["\(rounds) calls did not return within \(patience)"] }
        let found = waiting()
        return found <= subject.capacity
            ? [] : ["\(found) samples wait where \(subject.capacity) may, after \(rounds * 100) were recorded"]
    }

    // MARK: - Contents

    private func checkOddities(_ subject: Subject) async -> [String] {
        let long = String(repeating: "x", count: 1 << 16)
        let odd = Metric("no name\n{}", .gauge, .count, labels: ["a b", "a b", "", "le"], help: "\"\\\n")
        let samples: [Sample] = [
            Sample(Self.gauge, [], .value(1)), Sample(Self.gauge, ["a", "b", "c"], .value(1)),
            Sample(Self.gauge, ["\"\\\n\0\u{202E}"], .value(.nan)), Sample(Self.gauge, [long], .value(.infinity)),
            Sample(Self.gauge, ["a"], .increment(1)), Sample(Self.gauge, ["a"], .observations(counts: [1], sum: 1)),
            Sample(Self.counter, ["a"], .increment(-1)), Sample(Self.counter, ["a"], .increment(.nan)),
            Sample(Self.counter, ["a"], .total(-.infinity)),
            Sample(Self.counter, ["a"], .value(.greatestFiniteMagnitude)),
            Sample(Self.histogram, ["a"], .observations(counts: [], sum: .nan)),
            Sample(Self.histogram, ["a"], .observations(counts: [.max, .max, .max], sum: 1)),
            Sample(Self.histogram, ["a"], .observations(counts: [.max, .max, .max, 1], sum: 1)),
            Sample(Self.histogram, ["a"], .value(2)), Sample(odd, ["", "", "", ""], .value(1)),
            Sample(Metric("", .counter, .count, help: ""), [], .increment(1)),
        ]
        let isBack = await returns { [sink = subject.sink] in
            sink.record(samples)
            for sample in samples { sink.record([sample]) }
        }
        return isBack ? [] : ["odd samples were not taken within \(patience)"]
    }

    private func checkCounts(_ subject: Subject) async -> [String] {
        let (threads, times) = (8, 1000)
        let isBack = await returns { [sink = subject.sink] in
            DispatchQueue.concurrentPerform(iterations: threads) { _ in
                for _ in 0..<times {
                    sink.record([
                        Sample(Self.counter, ["a"], .increment(1)),
                        Sample(Self.histogram, ["a"], .observations(counts: [1, 0, 2], sum: 25)),
                    ])
                }
            }
        }
        guard isBack else { return ["\(threads * times) calls from \(threads) threads did not return"] }
        guard let kept = subject.read?() else { return [] }
        let count = UInt64(threads * times)
        let expected: [(Metric, Sample.Reading)] = [
            (Self.counter, .total(Double(count))),
            (Self.histogram, .observations(counts: [count, 0, 2 * count], sum: Double(25 * count))),
        ]
        return expected.compactMap { metric, reading in
            let found = kept.first { $0.metric.name == metric.name && $0.labels == ["a"] }?.reading
            let words = found.map { "\($0)" } ?? "nothing"
            return found == reading ? nil : "\(metric.name) is \(words) where it must be \(reading)"
        }
    }

    private func checkGauges(_ subject: Subject) async -> [String] {
        guard let read = subject.read else { return [] }
        for number in 0...100 {
            subject.sink.record([
                Sample(Self.gauge, ["a"], .value(Double(number))), Sample(Self.gauge, ["b"], .value(-1)),
            ])
        }
        let found = read().filter { $0.metric.name == Self.gauge.name }
        let expected = [Sample(Self.gauge, ["a"], .value(100)), Sample(Self.gauge, ["b"], .value(-1))]
        return Set(found) == Set(expected) ? [] : ["found \(found.map { "\($0.labels) \($0.reading)" })"]
    }
}

/// Tells the first of several who ask.
private final class Once: Sendable {
    private let isOver = Mutex(false)

    var isFirst: Bool {
        isOver.withLock { isOver in
            defer { isOver = true }
            return !isOver
        }
    }
}
