import ClusterKit

/// Makes jobs that keep every rule, each from a seed.
struct RandomJob {
    private var entropy: Entropy

    /// Makes names of attributes differ, so that no two constraints contradict each other.
    private var attributes = 0

    init(seed: UInt64) { entropy = Entropy(seed: seed) }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &entropy) }
    private mutating func chance() -> Bool { Bool.random(using: &entropy) }
    private mutating func seconds(_ range: ClosedRange<Int>) -> Duration { .seconds(number(range)) }

    private mutating func text() -> String {
        let letters = Array("ab \"\\\n\t${}/é😀\u{1}<>&")
        return String((0..<number(0...8)).map { _ in letters[number(0...(letters.count - 1))] })
    }

    private mutating func words() -> [String: String] {
        var words: [String: String] = [:]
        for index in 0..<number(0...3) { words["k\(index)"] = text() }
        return words
    }

    private mutating func texts() -> [String] { (0..<number(0...3)).map { _ in text() } }

    private mutating func value(depth: Int = 0) -> ConfigValue {
        switch number(0...(depth > 3 ? 4 : 6)) {
        case 0: .null
        case 1: .bool(chance())
        case 2: .int(number(Int.min...Int.max))
        case 3: .double(Double(number(-1000...1000)) / 7 * (chance() ? 1e200 : 1))
        case 4: .string(text())
        case 5: .list((0..<number(0...3)).map { _ in value(depth: depth + 1) })
        default:
            .object(Dictionary(uniqueKeysWithValues: (0..<number(0...3)).map { ("k\($0)", value(depth: depth + 1)) }))
        }
    }

    private mutating func constraints(hosts: Bool) -> [Constraint] {
        (0..<number(0...3)).map { _ in
            let comparison = ConstraintOperator.allCases[number(0...(ConstraintOperator.allCases.count - 1))]
            return hosts && comparison == .distinctHosts ? Constraint("", .distinctHosts) : condition(hosts, comparison)
        }
    }

    /// A comparison of attributes of a node, or of a device; `instances` may be compared too.
    private mutating func condition(
        _ instances: Bool, _ comparison: ConstraintOperator, of prefix: String = "attr."
    ) -> Constraint {
        attributes += 1
        let attribute = "${\(prefix)a\(attributes)}"
        switch comparison {
        case .isSet, .isNotSet: return Constraint(attribute, comparison)
        case .distinctHosts: return Constraint(attribute, .isSet)
        case .distinctProperty: return Constraint(attribute, instances ? comparison : .less, "\(number(2...9))")
        case .regexp: return Constraint(attribute, .regexp, ["^a+$", "b|c", "[0-9]{2}\\."][number(0...2)])
        case .version:
            return Constraint(attribute, .version, [">= 1.2, < 2", "~> 1.2.3", "1.0-beta"][number(0...2)])
        case .semver: return Constraint(attribute, .semver, [">= 1.2.3, < 2.0.0", "1.0.0-rc.1"][number(0...1)])
        default: return Constraint(attribute, comparison, "v" + text())
        }
    }

    private mutating func affinities(of prefix: String = "attr.") -> [Affinity] {
        (0..<number(0...2)).map { _ in
            let comparison = ConstraintOperator.allCases[number(0...(ConstraintOperator.allCases.count - 1))]
            let condition = condition(false, comparison, of: prefix)
            return Affinity(
                condition.attribute, condition.comparison, condition.value,
                weight: number(1...100) * (chance() ? 1 : -1))
        }
    }

    private mutating func spreads() -> [Spread] {
        (0..<number(0...2)).map { _ in
            Spread(
                "${meta.\(text())}", weight: number(1...100),
                targets: (0..<number(0...3)).map { SpreadTarget("v\($0)" + text(), percent: number(0...33)) })
        }
    }

    private mutating func devices() -> [DeviceRequest] {
        (0..<number(0...2)).map { _ in
            DeviceRequest(
                name: ["gpu", "nvidia/gpu", "nvidia/gpu/A 100/x"][number(0...2)], count: number(1...9),
                constraints: (0..<number(0...2)).map { _ in condition(false, .greaterOrEqual, of: "device.attr.") },
                affinities: affinities(of: "device.attr."))
        }
    }

    private mutating func volumes() -> [VolumeRequest] {
        (0..<number(0...3)).map { VolumeRequest(name: "v\(9 - $0)", source: "s\(number(0...9))", readOnly: chance()) }
    }

    private mutating func restart() -> RestartPolicy {
        RestartPolicy(
            attempts: number(1...9), interval: seconds(100...900), delay: seconds(0...100),
            mode: chance() ? .fail : .delay)
    }

    private mutating func reschedule() -> ReschedulePolicy {
        var policy = ReschedulePolicy(rescheduleRule())
        for cause in FailureCause.allCases where number(0...5) == 0 { policy.causes[cause] = rescheduleRule() }
        return policy
    }

    private mutating func rescheduleRule() -> RescheduleRule {
        let unlimited = chance()
        return RescheduleRule(
            attempts: unlimited ? 0 : number(1...9), interval: unlimited ? .zero : seconds(1...999),
            delay: seconds(5...50), delayFunction: DelayFunction.allCases[number(0...2)], maxDelay: seconds(50...99),
            unlimited: unlimited)
    }

    /// With no more canaries than there are instances.
    private mutating func update(of count: Int = 1) -> UpdateStrategy {
        UpdateStrategy(
            maxParallel: number(0...5), healthCheck: ["checks", "task_states", "manual"][number(0...2)],
            minHealthyTime: seconds(0...9), healthyDeadline: seconds(10...99), progressDeadline: seconds(100...999),
            stagger: seconds(0...9), canary: number(1...max(1, min(3, count))), autoRevert: chance(),
            autoPromote: chance())
    }

    private mutating func service(_ name: String) -> ServiceSpec {
        ServiceSpec(
            name: name, portLabel: "p0", tags: texts(), canaryTags: texts(), meta: words(),
            provider: chance() ? "consul" : "nomad", addressMode: chance() ? "host" : "auto",
            checks: (0..<number(0...2)).map { _ in
                CheckSpec(
                    name: text(), kind: chance() ? "http" : "tcp", portLabel: chance() ? "p0" : "", path: "/" + text(),
                    protocol: chance() ? "http" : "https", header: chance() ? ["A": ["b", "c"]] : [:], body: text(),
                    interval: seconds(1...9), timeout: seconds(1...9), initialStatus: chance() ? "" : "warning",
                    successBeforePassing: number(0...3), restartLimit: number(0...3), restartGrace: seconds(0...9),
                    restartIgnoresWarnings: chance(), skipsVerification: chance())
            })
    }

    private mutating func task(_ name: String, leads: Bool = false) -> TaskSpec {
        let cores = chance() ? 0 : number(1...8)
        return TaskSpec(
            name: name, driver: "raw_exec", config: ["a": value(), "b": value()], environment: words(),
            resources: TaskResources(
                cpuMHz: cores == 0 ? number(1...9999) : 0, cores: cores, memoryMiB: number(10...999),
                memoryMaxMiB: chance() ? 0 : number(1000...2000), devices: devices()),
            constraints: constraints(hosts: false), affinities: affinities(),
            services: chance() ? [service("t-\(name)")] : [], meta: words(),
            killTimeout: .milliseconds(number(0...99_999)), killSignal: chance() ? nil : "SIGHUP",
            logs: LogRotation(files: number(1...5), fileSizeMiB: number(1...5)), restart: chance() ? nil : restart(),
            templates: chance() ? [] : [template()], shutdownDelay: chance() ? .zero : seconds(1...9), isLeader: leads)
    }

    private mutating func template() -> TemplateSpec {
        let signal = chance()
        return TemplateSpec(
            data: "a {{ key \"k\" }}", destination: "local/x",
            changeMode: signal ? .signal : chance() ? .noop : .restart,
            changeSignal: signal ? "SIGHUP" : "", splay: .milliseconds(number(0...9999)),
            permissions: chance() ? "0600" : "644", leftDelimiter: "{{", rightDelimiter: "}}",
            isEnvironment: !signal && chance(), failsOnMissingKey: chance())
    }

    private mutating func group(_ name: String, _ kind: JobKind) -> TaskGroup {
        let lives = [nil, TaskLifecycle(.prestart, isSidecar: chance()), TaskLifecycle(.poststop)]
        let extra = (0..<number(0...2)).map { index in
            var task = task("x\(index)")
            task.lifecycle = lives[number(0...2)]
            return task
        }
        let count = number(0...9)
        return TaskGroup(
            name: name, count: count, constraints: constraints(hosts: true), affinities: affinities(),
            spreads: spreads(), nodePools: chance() ? [] : ["b", "a", "all"], volumes: volumes(),
            tasks: (0..<number(1...3)).map { task("t\($0)", leads: $0 == 0 && chance()) } + extra, restart: restart(),
            reschedule: reschedule(),
            disk: EphemeralDisk(sizeMiB: number(75...999)),
            network: NetworkSpec(
                ports: (0...number(0...3)).map {
                    PortSpec(label: "p\($0)", number: chance() ? 0 : 8000 + $0, to: number(0...9))
                }),
            services: chance() ? [] : [service("s")], update: kind == .batch || chance() ? nil : update(of: count),
            meta: words(),
            shutdownDelay: chance() ? .zero : seconds(1...9),
            runLimit: chance()
                ? nil
                : RunLimit(seconds(100...999), warningSignal: chance() ? nil : "SIGUSR1", warningTime: .seconds(60)))
    }

    mutating func next() -> Job {
        let kind = chance() ? JobKind.service : .batch
        return Job(
            id: JobID("job/\(number(0...99))", namespace: chance() ? "default" : "other"),
            name: chance() ? nil : "Name \(number(0...9))", region: "r", kind: kind, priority: number(1...100),
            datacenters: ["dc*", "x"], nodePool: "all", constraints: constraints(hosts: true), affinities: affinities(),
            spreads: spreads(),
            groups: (0..<number(1...3)).map { group("g\($0)", kind) },
            update: kind == .batch || chance() ? nil : update(), meta: words())
    }
}
