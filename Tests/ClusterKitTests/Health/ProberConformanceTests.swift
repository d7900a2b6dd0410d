import ClusterKit
import ClusterTesting
import Testing

/// The probers of the library keep their promises, and the suite finds those that do not.
@Suite(.timeLimit(.minutes(10))) struct ProberConformanceTests {
    private static func check(_ kind: String, _ script: String = "") -> CheckSpec {
        CheckSpec(
            kind: kind, command: "/bin/sh", arguments: ["-c", script], interval: .seconds(1), timeout: .seconds(1))
    }

    /// What a connection can meet: somebody who listens, or nobody.
    @Sendable private static func socket(
        _ behavior: ProberConformance.Behavior
    ) async throws -> ProberConformance.Subject? {
        switch behavior {
        case .well:
            let endpoint = try ScriptedEndpoint(.nothing)
            let request = ProbeRequest(check: check("tcp"), address: "127.0.0.1", port: endpoint.port)
            return .init(request, bytesTaken: { endpoint.bytesSent }, close: { endpoint.close() })
        case .absent:
            let endpoint = try ScriptedEndpoint(.nothing)
            endpoint.close()
            return .init(ProbeRequest(check: check("tcp"), address: "127.0.0.1", port: endpoint.port))
        // An address for documentation, from which no answer ever comes; or that cannot be reached at all.
        case .silent: return .init(ProbeRequest(check: check("tcp"), address: "192.0.2.1", port: 9))
        default: return nil
        }
    }

    @Sendable private static func script(
        _ behavior: ProberConformance.Behavior
    ) async throws -> ProberConformance.Subject? {
        let text =
            switch behavior {
            case .well: "echo fine"
            case .troubled: "echo so so; exit 1"
            case .failing: "echo bad; exit 2"
            case .absent: "exec /no/such/program"
            case .silent: "sleep 600"
            case .endless: "while :; do echo 0123456789012345678901234567890123456789; done"
            case .verbose: "i=0; while [ $i -lt 3000 ]; do printf 'xé'; i=$((i+1)); done"
            case .redirecting: ""
            }
        guard !text.isEmpty else { return nil }
        return .init(ProbeRequest(check: check("script", text), address: "", port: 0))
    }

    @Test func connectionsAreProbedAsPromised() async {
        let violations = await ProberConformance(prober: TCPProber(), slack: .seconds(60), open: Self.socket).run()
        #expect(violations == [])
    }

    @Test func scriptsAreProbedAsPromised() async {
        let violations = await ProberConformance(prober: ScriptProber(), slack: .seconds(60), open: Self.script).run()
        #expect(violations == [])
    }

    @Test(arguments: Flaw.allCases) func brokenPromisesAreFound(_ flaw: Flaw) async {
        // Only who forgets the time is waited for until it is up; the answers of all others are to be judged.
        let suite = ProberConformance(
            prober: FlawedProber(flaw: flaw), timeout: .milliseconds(300),
            slack: flaw == .forgetsTheTimeout ? .milliseconds(500) : .seconds(60), open: Self.script)
        let violations = await suite.run()
        #expect(violations.contains { $0.rule.contains(flaw.rawValue) }, "\(violations)")
    }

    /// What a careless author gets wrong; the words stand in the promise that is broken.
    enum Flaw: String, CaseIterable, Sendable {
        case forgetsTheTimeout = "bounded in time"
        case keepsEverything = "bounded in bytes"
        case takesTroubleForFailure = "trouble warns"
        case isAlwaysWell = "does not serve is critical"
        case namesNoKind = "names its kinds"
        case saysNothing = "says why"
    }

    private struct FlawedProber: Prober {
        let flaw: Flaw
        var kinds: [String] { flaw == .namesNoKind ? [] : ["script"] }

        func probe(_ request: ProbeRequest) async -> ProbeOutcome {
            var request = request
            if flaw == .forgetsTheTimeout { request.check.timeout = .seconds(5) }
            var outcome = await ScriptProber().probe(request)
            switch flaw {
            case .keepsEverything: outcome.output += String(repeating: "x", count: 8192)
            case .takesTroubleForFailure: if outcome.health == .warning { outcome.health = .critical }
            case .isAlwaysWell: outcome.health = .passing
            case .saysNothing: outcome.output = ""
            default: break
            }
            return outcome
        }
    }
}
