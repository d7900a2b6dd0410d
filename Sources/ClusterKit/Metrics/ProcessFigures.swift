/// What this process itself uses, as far as the system tells.
public enum ProcessFigures {
    /// The present figures; empty where the system does not tell.
    public static func samples() -> [Sample] {
        #if os(Linux)
            linuxSamples()
        #else
            []
        #endif
    }
}
