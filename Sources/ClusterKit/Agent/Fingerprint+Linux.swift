#if os(Linux)
    import FoundationEssentials

    extension Fingerprint {
        /// What the files under `/proc`, `/sys` and `/etc` say.
        mutating func lookAtSystem(_ dataFolder: String) {
            attributes["kernel.name"] = "linux"
            attributes["kernel.version"] = Self.line("/proc/sys/kernel/osrelease")
            lookAtRelease(Self.read("/etc/os-release"))
            lookAtProcessors(Self.read("/proc/cpuinfo"))
            lookAtMounts(Self.read("/proc/self/mounts"), dataFolder)
        }

        mutating func lookAtRelease(_ text: String) {
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let value = parts[1].filter { $0 != "\"" }
                if parts[0] == "ID" { attributes["os.name"] = value }
                if parts[0] == "VERSION_ID" { attributes["os.version"] = value }
            }
        }

        private mutating func lookAtProcessors(_ text: String) {
            var count = 0
            var frequency = 0.0
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard let key = parts.first?.trimmed else { continue }
                let value = parts.count == 2 ? parts[1].trimmed : ""
                switch key {
                case "processor": count += 1
                case "model name": attributes["cpu.modelname"] = value
                case "cpu MHz": frequency = max(frequency, Double(value) ?? 0)
                default: break
                }
            }
            // The rated frequency where the kernel knows it: the present one changes from moment to moment.
            let rated = Int(Self.line("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")).map { $0 / 1000 }
            let memory = Self.read("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
            let kilobytes = memory?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } ?? 0
            setTotals(
                cores: count, frequencyMHz: rated ?? Int(exactly: frequency.rounded(.down)) ?? 0,
                memoryBytes: kilobytes << 10)
            if frequency == 0, rated == nil {
                setTotals(cores: count, frequencyMHz: 1000, memoryBytes: kilobytes << 10)
            }
        }

        mutating func lookAtMounts(_ text: String, _ dataFolder: String) {
            var longest = -1
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: " ")
                guard fields.count > 2 else { continue }
                let place = String(fields[1])
                let covers = place == "/" || dataFolder == place || dataFolder.hasPrefix(place + "/")
                if covers, place.utf8.count >= longest {
                    longest = place.utf8.count
                    attributes["unique.storage.volume"] = String(fields[0])
                }
                if fields[2] == "cgroup2" {
                    attributes["unique.cgroup.mountpoint"] = place
                    attributes["unique.cgroup.version"] = "v2"
                } else if fields[2] == "cgroup", attributes["unique.cgroup.mountpoint"] == nil {
                    attributes["unique.cgroup.mountpoint"] = place
                    attributes["unique.cgroup.version"] = "v1"
                }
            }
        }

        private static func read(_ path: String) -> String {
            (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        }

        private static func line(_ path: String) -> String {
            String(read(path).prefix { !$0.isNewline })
        }
    }

    extension Substring {
        fileprivate var trimmed: String {
            var text = self
            while text.first?.isWhitespace == true { text.removeFirst() }
            while text.last?.isWhitespace == true { text.removeLast() }
            return String(text)
        }
    }
#endif
