#if os(Linux)
    import CLinux

    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif

    extension ProcessProtection {
        /// Gives what went wrong. The limit for core dumps stays: it adds nothing here, and tasks would inherit it.
        static func hideMemory() -> String? {
            clinux_hide_memory() == 0 ? nil : String(cString: strerror(errno))
        }
    }
#endif
