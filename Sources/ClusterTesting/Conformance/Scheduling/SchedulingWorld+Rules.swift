import ClusterKit

/// What jobs demand of machines and devices.
extension SchedulingWorld {
    mutating func newConstraint() -> Constraint {
        switch below(12) {
        case 0: return newVersionRule("${attr.os.version}")
        case 1: return chance(60) ? newVersionRule("${attr.driver.docker.version}") : newOrder("${attr.load}")
        case 2, 3: return newOrder("${attr.rank}")
        case 4: return Constraint("${meta.tier}", pick(.isSet, .isNotSet))
        case 5: return Constraint("${meta.tier}", pick(.equal, .notEqual), "\(below(3))")
        case 6: return Constraint("${meta.sets}", pick(.setContains, .setContainsAny), pick("c,a", "x, b", "a", ""))
        case 7: return Constraint("${node.datacenter}", pick(.notEqual, .equal), pick("dc2", "dc1"))
        case 8, 9: return newExpression()
        default:
            return pick(
                Constraint("${attr.kernel.name}", .equal, "linux"), Constraint("${node.class}", .notEqual, "small"),
                Constraint("${attr.kernel.name}", .notEqual, "darwin"),
                Constraint("${attr.kernel.name}", .greaterOrEqual, "e"),
                Constraint("${attr.unique.tag}", .equal, "${unique.tag}"), Constraint("${meta.rack}", .less, "r2"),
                Constraint("${meta.none}", .notEqual, "${attr.none}"), Constraint("${node.pool}", .equal, "gpu"),
                Constraint("${attr.driver.raw_exec}", .equal, "1"))
        }
    }

    /// A regular expression within what `ReferenceExpression` knows, or none at all.
    private mutating func newExpression() -> Constraint {
        let value = pick(
            "^lin", "^(linux|darwin)$", "x$", "a+", #"^v?1\."#, #"1\.2(\.3)?$"#, "-(beta|rc)", "[b-d], *c", "^[^v]*$",
            "^$",
            "(a|b,)*c", "r[02]", "(i|small)", "(a*)+$", "(", "[z-a]", "*", "")
        let attribute = pick(
            "${attr.kernel.name}", "${attr.os.version}", "${meta.sets}", "${node.class}", "${meta.rack}", "${attr.load}"
        )
        if chance(10) { return Constraint("${node.unique.name}", .regexp, pick("[02468]$", "^n1", "^n.$")) }
        return chance(5) ? Constraint("linux", .regexp, attribute) : Constraint(attribute, .regexp, value)
    }

    private mutating func newOrder(_ attribute: String) -> Constraint {
        Constraint(attribute, pick(.less, .lessOrEqual, .greater, .greaterOrEqual), chance(80) ? "\(below(10))" : "5.5")
    }

    private mutating func newVersionRule(_ attribute: String) -> Constraint {
        let loose = pick(
            ">= 1.2", "~> 1.2.0", "~> 1.2", "< 2.0, != 1.2.3", "= 1.2.3-beta.2", "1.2.3", "> 1.2.3-beta.2",
            ">= 1.2.3-beta, <= 1.2.3", "~> 1.2.3-beta", "!= 2", "<= 2.0", "> 1, < 1.10", "nonsense", ">= 1.2.3beta",
            "=> 1")
        let strict = pick(
            ">= 1.2.3", "> 1.2.3-beta.2", "< 2.0.0", "!= 1.2.3", "1.2.3", "<= 1.2.3-beta.10",
            ">= 1.2.3-beta, < 2.0.0-z",
            "> 1.2.3-2", "= v1.10.0", "~> 1.2.3")
        return chance(60) ? Constraint(attribute, .version, loose) : Constraint(attribute, .semver, strict)
    }

    mutating func newDeviceRequest() -> DeviceRequest {
        var request = DeviceRequest(
            name: chance(60) ? "gpu" : pick("nvidia/gpu", "nvidia/gpu/t4", "amd/gpu/mi100", "fpga", "tpu"),
            count: chance(70) ? 1 : 2)
        if chance(35) { request.constraints = [newDeviceRule()] }
        if chance(40) {
            request.affinities = (0...below(2)).map { _ in
                let rule = newDeviceRule()
                return Affinity(rule.attribute, rule.comparison, rule.value, weight: pick(50, 100, 20, -40))
            }
        }
        return request
    }

    private mutating func newDeviceRule() -> Constraint {
        let order = pick(ConstraintOperator.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual)
        return pick(
            Constraint("${device.attr.memory}", order, pick("16 GiB", "40960 MiB", "32 GB", "20000 MB", "8", "9 GHz")),
            Constraint("${device.attr.cuda_cores}", order, pick("2560", "3000", "many")),
            Constraint("${device.attr.clock}", order, pick("1.5 GHz", "1400 MHz", "fast", "585000 kHz")),
            Constraint("${device.attr.power}", order, pick("300 W", "0.07 kW", "75 W")),
            Constraint("${device.attr.bandwidth}", order, pick("1555 GB/s", "1 TB/s", "900 GiB/s", "1555 GB")),
            Constraint("${device.vendor}", pick(.equal, .notEqual), pick("nvidia", "amd")),
            Constraint("${device.model}", .setContainsAny, "a100,mi100"),
            Constraint("${device.model}", .regexp, pick("^[am]", "100$", "^t4|u")),
            Constraint("${device.type}", .equal, "gpu"), Constraint("${device.attr.power}", pick(.isSet, .isNotSet)),
            Constraint("${device.attr.firmware}", .version, pick("> 1.2.3-beta", ">= 1.2")))
    }
}
