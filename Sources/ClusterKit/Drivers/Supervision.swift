import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Who watches over the tasks of a `ProcessDriver`: holds their output and their exit status.
public enum Supervision: Sendable {
    /// A small program beside the agent, at this path: `cluster-shim`. Tasks go on while the agent is down. The way
    /// of hosts.
    case helper(_ path: String)
    /// This very program, executed again for each task. Tasks go on while it is down.
    case reexecute(ShimEntry)
    /// A thread of this program for each task: the embedder's way, as it needs nothing. Tasks do not outlive the
    /// program: the system kills a task's first process with it, however it ends, and the next sweep what that had
    /// started (elsewhere than on Linux, the sweep ends both).
    case inProcess
}

/// The proof that this program can be executed again as a shim: `enterShimIfAsked` hands it out.
public struct ShimEntry: Sendable {
    fileprivate init() {}
}

/// Makes this program able to watch over tasks: call it first thing in `main`, before anything else is done, because
/// every task executes the program once more and that run must get no further than here. In such a run it does not
/// return.
///
/// ```swift
/// let entry = enterShimIfAsked()
/// let driver = try ProcessDriver(supervision: .reexecute(entry), stateFolder: "/var/lib/mine/tasks")
/// ```
@discardableResult public func enterShimIfAsked() -> ShimEntry {
    if ShimTalk.enterIfAsked() { exit(0) }
    return ShimEntry()
}

extension Supervision {
    /// The program that becomes the shim; `nil` when there is none.
    var program: String? {
        switch self {
        case .helper(let path): path
        case .reexecute: Self.ownProgram
        case .inProcess: nil
        }
    }

    #if canImport(Darwin)
        private static var ownProgram: String {
            var size: UInt32 = 4096
            var bytes = [CChar](repeating: 0, count: Int(size))
            guard _NSGetExecutablePath(&bytes, &size) == 0 else { return CommandLine.arguments.first ?? "" }
            return bytes.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        }
    #else
        // Finds the program also after its file was replaced by a newer one.
        private static let ownProgram = "/proc/self/exe"
    #endif
}
