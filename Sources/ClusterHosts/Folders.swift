package import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the executables keep and find things.
package enum Folders {
    /// An absolute path for `path`; without one, `clusterkit/NAME` in the user's folder of state.
    ///
    /// Throws `.invalid` when there is neither.
    package static func data(_ path: String?, name: String) throws(ClusterError) -> String {
        try data(
            path, name: name, environment: ProcessInfo.processInfo.environment,
            current: FileManager.default.currentDirectoryPath)
    }

    package static func data(
        _ path: String?, name: String, environment: [String: String], current: String
    ) throws(ClusterError) -> String {
        if let path, !path.isEmpty { return path.hasPrefix("/") ? path : current + "/" + path }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/clusterkit/\(name)" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw ClusterError(.invalid, "there is no home folder to keep data in; name a folder with --data-dir")
        }
        return "\(home)/.local/state/clusterkit/\(name)"
    }

    /// Who watches over tasks: the program `cluster-shim` beside this one, else this one once more.
    package static func supervision(_ entry: ShimEntry) -> Supervision {
        guard let program = ownProgram, let slash = program.lastIndex(of: "/") else { return .reexecute(entry) }
        let shim = program[...slash] + "cluster-shim"
        return access(String(shim), X_OK) == 0 ? .helper(String(shim)) : .reexecute(entry)
    }

    /// The path of this program.
    private static var ownProgram: String? {
        var buffer = [CChar](repeating: 0, count: 4097)
        #if canImport(Darwin)
            var size = UInt32(buffer.count - 1)
            guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
        #else
            guard readlink("/proc/self/exe", &buffer, buffer.count - 1) > 0 else { return nil }
        #endif
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
