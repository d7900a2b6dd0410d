#if canImport(Darwin)
    import Darwin

    extension Fingerprint {
        /// What the kernel's variables say.
        mutating func lookAtSystem(_ dataFolder: String) {
            attributes["kernel.name"] = "darwin"
            attributes["kernel.version"] = Self.text("kern.osrelease")
            attributes["os.name"] = "darwin"
            attributes["os.version"] = Self.text("kern.osproductversion")
            attributes["cpu.modelname"] = Self.text("machdep.cpu.brand_string")
            // Apple's own processors state no frequency; a nominal one keeps shares comparable.
            let hertz = Self.number("hw.cpufrequency_max") ?? 0
            setTotals(
                cores: Int(Self.number("hw.logicalcpu") ?? 1), frequencyMHz: hertz > 0 ? Int(hertz / 1_000_000) : 3000,
                memoryBytes: Self.number("hw.memsize") ?? 0)
        }

        private static func text(_ name: String) -> String {
            var length = 0
            guard sysctlbyname(name, nil, &length, nil, 0) == 0, length > 0 else { return "" }
            var bytes = [CChar](repeating: 0, count: length)
            guard sysctlbyname(name, &bytes, &length, nil, 0) == 0 else { return "" }
            return text(bytes)
        }

        private static func number(_ name: String) -> UInt64? {
            var value: UInt64 = 0
            var length = MemoryLayout<UInt64>.size
            guard sysctlbyname(name, &value, &length, nil, 0) == 0 else { return nil }
            // Some are four bytes wide; the machine is little-endian.
            return value
        }
    }
#endif
