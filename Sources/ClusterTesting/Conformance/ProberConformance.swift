public import ClusterKit

/// Checks the promises that `Prober` states, for whoever writes one. It waits for timeouts, so it takes seconds. A
/// prober that neither ends in time nor heeds a cancellation keeps the suite waiting: give its test a time limit.
///
/// ```swift
/// let violations = await ProberConformance(prober: MyProber()) { behavior in … }.run()
/// #expect(violations.isEmpty)
/// ```
public struct ProberConformance: Sendable {
    /// How what is asked behaves.
    public enum Behavior: String, CaseIterable, Sendable {
        /// It is well.
        case well
        /// It says that it has trouble.
        case troubled
        /// It says that it does not serve.
        case failing
        /// Nobody is there.
        case absent
        /// It takes the question and never answers.
        case silent
        /// It is well and says so at length without end.
        case endless
        /// It is well, with an answer much longer than is kept, in letters of several bytes.
        case verbose
        /// It sends the asker elsewhere, where all is well.
        case redirecting
    }

    /// Something to ask, made for one question.
    public struct Subject: Sendable {
        /// How it is asked; the suite sets the timeout.
        public var request: ProbeRequest
        /// How often the place was asked to which it sends askers.
        public var strays: @Sendable () async -> Int
        /// How many bytes the asker took from it so far, where that can be told.
        public var bytesTaken: @Sendable () async -> Int?
        /// Ends it.
        public var close: @Sendable () async -> Void

        /// Describes what is asked.
        public init(
            _ request: ProbeRequest, strays: @escaping @Sendable () async -> Int = { 0 },
            bytesTaken: @escaping @Sendable () async -> Int? = { nil },
            close: @escaping @Sendable () async -> Void = {}
        ) {
            self.request = request
            self.strays = strays
            self.bytesTaken = bytesTaken
            self.close = close
        }
    }

    private let prober: any Prober
    private let timeout: Duration
    private let slack: Duration
    private let open: @Sendable (Behavior) async throws -> Subject?

    /// The most bytes that may leave what is asked, those that the system holds on the way included.
    private static let mostBytes = 16 << 20

    /// Prepares a run. `open` begins something that behaves as said, or gives `nil` for what this kind of prober
    /// cannot meet. A question to what never answers has `timeout` as its own limit, and an answer may
    /// come `slack` later; make that long where tests share a busy machine.
    public init(
        prober: any Prober, timeout: Duration = .seconds(1), slack: Duration = .seconds(2),
        open: @escaping @Sendable (Behavior) async throws -> Subject?
    ) {
        self.prober = prober
        self.timeout = timeout
        self.slack = slack
        self.open = open
    }

    /// Runs all checks, one after the other, and returns the promises that were broken.
    public func run() async -> [Violation] {
        var violations: [Violation] = []
        if prober.kinds.isEmpty { violations.append(Violation(rule: "a prober names its kinds", detail: "none")) }
        for behavior in Behavior.allCases {
            do {
                guard let subject = try await open(behavior) else { continue }
                violations += await check(behavior, subject)
                await subject.close()
            } catch {
                violations.append(Violation(rule: "the suite can begin \(behavior.rawValue)", detail: "\(error)"))
            }
        }
        violations += await checkCancellation()
        return violations
    }

    private func check(_ behavior: Behavior, _ subject: Subject) async -> [Violation] {
        var found: [Violation] = []
        func expect(_ holds: Bool, _ rule: String, _ detail: String) {
            if !holds { found.append(Violation(rule: rule, detail: "\(behavior.rawValue): \(detail)")) }
        }
        var request = subject.request
        // Only what does not answer is waited for: on a busy machine others need not be quick.
        let waits = behavior == .silent || behavior == .endless
        request.check.timeout = waits ? timeout : timeout + slack
        let limit = request.check.timeout + slack
        expect(prober.kinds.contains(request.check.kind), "a prober names its kinds", "not \(request.check.kind)")
        guard let (outcome, lasted) = await ask(request, within: limit) else {
            expect(false, "an answer is bounded in time", "none came within \(limit)")
            return found
        }
        let health = outcome.health
        switch behavior {
        case .well, .verbose: expect(health == .passing, "what is well passes", "\(outcome)")
        case .troubled: expect(health == .warning, "trouble warns", "\(outcome)")
        case .failing, .absent, .silent:
            expect(health == .critical, "what does not serve is critical", "\(outcome)")
            expect(!outcome.output.isEmpty, "a bad outcome says why", "no words")
        case .redirecting: expect(health == .critical, "no redirect is followed", "\(outcome)")
        case .endless: break
        }
        expect(lasted <= limit, "an answer is bounded in time", "it took \(lasted)")
        let bytes = outcome.output.utf8.count
        expect(bytes <= ProbeOutcome.longestOutput, "an answer is bounded in bytes", "\(bytes) bytes of output")
        if behavior == .verbose {
            expect(!outcome.output.contains("\u{FFFD}"), "an output is cut between two characters", "it is not")
        }
        if let taken = await subject.bytesTaken() {
            expect(taken <= Self.mostBytes, "an answer is bounded in bytes", "\(taken) bytes were taken")
        }
        let strays = await subject.strays()
        expect(strays == 0, "no redirect is followed", "the other place was asked \(strays) times")
        return found
    }

    /// Asks, and measures how long that takes; `nil` when no answer comes in time.
    private func ask(_ request: ProbeRequest, within limit: Duration) async -> (ProbeOutcome, Duration)? {
        let prober = prober
        let start = ContinuousClock.now
        let answer = await firstAnswer(within: limit) { await prober.probe(request) }
        return answer.map { ($0, ContinuousClock.now - start) }
    }

    private func checkCancellation() async -> [Violation] {
        guard let subject = try? await open(.silent) else { return [] }
        let prober = prober
        var request = subject.request
        request.check.timeout = slack * 10
        let asked = request
        let start = ContinuousClock.now
        _ = await firstAnswer(within: .milliseconds(100)) { await prober.probe(asked) }
        let lasted = ContinuousClock.now - start
        await subject.close()
        guard lasted > slack else { return [] }
        return [Violation(rule: "an answer is bounded in time", detail: "it goes on after its task was canceled")]
    }
}
