#if os(Linux)
    import CLinux
#endif

/// How many files and sockets a process may have open.
public enum OpenFileLimit {
    /// Raises the soft limit to the hard one, or to 1,048,576 where that is less. For hosts: call it first thing in
    /// `main`, before there are other threads. Programs that drivers and checks start get the limit that was found, as
    /// programs expect that wait with `select()`. Where the system refuses, the limit stays as it is. Linux only.
    public static func raise() {
        #if os(Linux)
            _ = clinux_raise_open_files()
        #endif
    }
}
