#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files and sockets this process may have open. A listener that meets the limit can neither accept nor
/// refuse, so the proxy stays below it.
enum DescriptorLimit {
    /// What the rest of the process may need.
    static let reserve = 128

    /// How many clients' connections may be open, each with one to an instance: `wanted`, or what the limit allows.
    static func connections(_ wanted: Int, within limit: Int? = current) -> Int {
        guard let limit else { return wanted }
        return min(wanted, max((limit - reserve) / 2, 16))
    }

    /// The present limit; `nil` for none.
    static var current: Int? {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)
    }
}
