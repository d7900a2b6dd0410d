public import ClusterKit

/// Checks the promises that `SecretStore` states, for whoever writes one.
///
/// ```swift
/// let violations = await SecretStoreConformance(kept: { try bytesOfAllFiles() }) { MyStore() }.run()
/// #expect(violations.isEmpty)
/// ```
public struct SecretStoreConformance: Sendable {
    typealias Check = @Sendable (any SecretStore, inout Findings) async throws -> Void

    private let kept: (@Sendable () async throws -> [UInt8])?
    private let makeStore: @Sendable () async throws -> any SecretStore

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - kept: everything that the stores made here keep at rest, to look for what should not be readable there;
    ///     `nil` when that cannot be had.
    ///   - makeStore: makes an empty store that is not sealed.
    public init(
        kept: (@Sendable () async throws -> [UInt8])? = nil,
        makeStore: @escaping @Sendable () async throws -> any SecretStore
    ) {
        self.kept = kept
        self.makeStore = makeStore
    }

    /// Runs all checks, each on a store of its own, and returns the promises that were broken.
    public func run() async -> [Violation] {
        let checks: [(String, Check)] = [
            ("a store that has its key says so", Self.checkSeal),
            ("what was written is read", Self.checkValues),
            ("versions count from 1 and only grow", Self.checkVersions),
            ("a write that expects another version changes nothing", Self.checkExpecting),
            ("of writers that expect the same version, one succeeds", Self.checkRace),
            ("writers that expect nothing all succeed", Self.checkCrowd),
            ("what is deleted is not read, and comes back", Self.checkDeleting),
            ("what is destroyed cannot be read again", Self.checkDestroying),
            ("the rules of a secret hold", Self.checkSettings),
            ("a removed secret is gone, and begins anew", Self.checkRemoving),
            ("names are listed in order, folders with a slash", Self.checkListing),
            ("what was never written is not found", Self.checkUnknown),
            ("a path that names nothing is invalid", Self.checkPaths),
            ("no value shows itself", checkCanary),
        ]
        var violations: [Violation] = []
        for (rule, check) in checks {
            var findings = Findings(rule: rule)
            do {
                try await check(try await makeStore(), &findings)
            } catch {
                findings.add("threw \(type(of: error)): \(error)")
            }
            violations += findings.violations
        }
        return violations
    }

    /// What one check found.
    struct Findings {
        let rule: String
        private(set) var violations: [Violation] = []

        init(rule: String) { self.rule = rule }

        mutating func add(_ detail: String) { violations.append(Violation(rule: rule, detail: detail)) }

        mutating func expect(_ holds: Bool, _ detail: @autoclosure () -> String) {
            if !holds { add(detail()) }
        }

        /// Expects that `body` throws an error of a kind.
        mutating func expect<Value>(
            _ code: ClusterError.Code, from what: String, _ body: () async throws -> Value
        ) async {
            do {
                _ = try await body()
                add("\(what) should be refused (\(code)), but succeeds")
            } catch let error as ClusterError where error.code == code {
                expect(!error.message.isEmpty, "\(what) is refused without a word")
            } catch {
                add("\(what) should be refused (\(code)), but throws \(type(of: error)): \(error)")
            }
        }
    }

    /// A word that stands in a secret must be found nowhere else: neither where things are kept, nor in what is
    /// printed, nor in what is known without a key.
    private func checkCanary(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let canary = "canary-4d1f83c7-sings"
        let path = SecretPath("canary")
        _ = try await store.write(["word": .string(canary), "list": [.string(canary)]], to: path, expecting: nil)
        let value = try await store.read(path, version: nil)
        findings.expect(value.values.reveal()["word"] == .string(canary), "the value that was written is not read")
        var dumped = ""
        dump(value, to: &dumped)
        let record = try await store.record(of: path)
        for (name, text) in [
            ("description", "\(value)"), ("debug description", String(reflecting: value)), ("dump", dumped),
            ("record", String(reflecting: record)), ("description of the store", String(reflecting: store)),
        ] {
            findings.expect(!text.contains(canary), "the \(name) shows it")
        }
        if let kept {
            let bytes = try await kept()
            findings.expect(!bytes.isEmpty, "nothing is kept that could be looked at")
            findings.expect(!bytes.contains(canary.utf8), "it is kept in clear")
        }
    }
}

extension [UInt8] {
    /// Whether `word` stands somewhere in the bytes.
    fileprivate func contains(_ word: String.UTF8View) -> Bool {
        guard let first = word.first, count >= word.count else { return word.isEmpty }
        return (0...count - word.count).contains { self[$0] == first && self[$0...].starts(with: word) }
    }
}
