/// What keeps the memory of a process to itself.
public enum ProcessProtection {
    /// Keeps other processes from looking into this one's memory, and the system from writing it to a core dump. For
    /// hosts that hold a seal key: call it first thing in `main`, before there is anything to see.
    ///
    /// On Linux the process becomes *not dumpable*: no core dump, no debugger, and its files below `/proc` belong to
    /// root. The process itself still reads those that anyone may read. The system's administrator can look into it
    /// all the same. Programs that it starts are as open as always. Elsewhere only core dumps are turned off, and
    /// programs that it starts inherit that.
    ///
    /// - Throws: `.internal` when the system refuses.
    public static func protectMemory() throws(ClusterError) {
        guard let failure = hideMemory() else { return }
        throw ClusterError(
            .internal, "the memory of this process cannot be kept from others: \(failure)")
    }
}
