#if canImport(Darwin)
    import Darwin

    extension ProcessProtection {
        /// Gives what went wrong.
        static func hideMemory() -> String? {
            var limit = rlimit()
            guard getrlimit(RLIMIT_CORE, &limit) == 0 else { return String(cString: strerror(errno)) }
            limit.rlim_cur = 0
            return setrlimit(RLIMIT_CORE, &limit) == 0 ? nil : String(cString: strerror(errno))
        }
    }
#endif
