#if os(Linux)
    import ClusterShimCore
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    extension ProcessFigures {
        static func linuxSamples() -> [Sample] {
            var samples: [Sample] = []
            if let line = contents(of: "/proc/self/stat"), let end = line.lastIndex(of: ")") {
                let fields = line[line.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
                let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
                if fields.count > 21 {
                    samples.append(Sample(.processCPU, [], .total((fields[11] + fields[12]) / ticks)))
                    samples.append(Sample(.processAddressSpace, [], .value(fields[20])))
                    samples.append(Sample(.processMemory, [], .value(fields[21] * Double(getpagesize()))))
                    if let boot = bootTime {
                        samples.append(Sample(.processStart, [], .value(boot + fields[19] / ticks)))
                    }
                }
            }
            if let folder = Descriptor.open("/proc/self/fd", O_RDONLY | O_DIRECTORY) {
                // One is for looking.
                samples.append(Sample(.processFiles, [], .value(Double(max(0, names(in: folder).count - 2)))))
            }
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
                samples.append(Sample(.processFileLimit, [], .value(Double(limit.rlim_cur))))
            }
            return samples
        }

        /// When the machine started, in seconds since 1970.
        private static var bootTime: Double? {
            contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
                .flatMap { Double($0.dropFirst(6)) }
        }
    }
#endif
