#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program to be started in a session and process group of its own.
package struct Launch {
    /// The program: an absolute path.
    package var path: String
    /// All arguments, the program's name first.
    package var arguments: [String]
    /// The whole environment, each as `KEY=value`.
    package var environment: [String] = []
    /// The working directory.
    package var folder = "/"
    /// What becomes the standard input.
    package var input: Int32
    /// What becomes the standard output.
    package var output: Int32
    /// What becomes the standard error.
    package var error: Int32
    /// The open list of members of the control group to join, or -1.
    package var group: Int32 = -1
    /// Whether the end of the calling thread, however it comes, kills the program. Linux only.
    package var diesWithThread = false

    /// States what to start.
    package init(path: String, arguments: [String], input: Int32, output: Int32, error: Int32) {
        self.path = path
        self.arguments = arguments
        self.input = input
        self.output = output
        self.error = error
    }

    /// What came of it.
    package enum Outcome {
        /// It runs under this number.
        case started(Int32)
        /// It does not run.
        case failed(LaunchFailure)
    }

    /// Starts the program and returns its number once it runs.
    ///
    /// A program that is open for writing is tried again for a second: whoever wrote it has closed it, but a child that
    /// another thread starts at this moment holds a copy of the open file until it executes its own program.
    package func start() -> Outcome {
        for _ in 0..<100 {
            let outcome = attempt()
            guard case .failed(let failure) = outcome, failure.step == .execute, failure.code == ETXTBSY else {
                return outcome
            }
            usleep(10_000)
        }
        return attempt()
    }

    typealias Pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    /// Lends all texts in the form that the system's calls want.
    func withPointers<Value>(
        _ body: (UnsafePointer<CChar>, Pointers, Pointers, UnsafePointer<CChar>) -> Value
    ) -> Value {
        var arguments = arguments.map { strdup($0) } + [nil]
        var environment = environment.map { strdup($0) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        return path.withCString { path in
            folder.withCString { folder in
                arguments.withUnsafeMutableBufferPointer { arguments in
                    environment.withUnsafeMutableBufferPointer { environment in
                        body(path, arguments.baseAddress, environment.baseAddress, folder)
                    }
                }
            }
        }
    }
}

/// Why a program was not started.
package struct LaunchFailure: Error, Hashable, Sendable {
    /// What was being done.
    package enum Step: Int, Sendable {
        /// Setting up pipes, output files and the state folder.
        case prepare
        /// Joining the control group.
        case joinGroup
        /// Entering the working directory.
        case enterFolder
        /// Executing the program.
        case execute
        /// Looking whether its lease is over, as it was.
        case lease
    }

    /// What was being done.
    package var step: Step
    /// The system's error number.
    package var code: Int32

    /// States a failure.
    package init(step: Step, code: Int32) {
        self.step = step
        self.code = code
    }
}

/// What became of a child.
package enum ChildEnd: Hashable, Sendable {
    /// It runs.
    case running
    /// It ended; its entry is still there.
    case ended(code: Int32, signal: Int32)
    /// The host removed its entry behind our back, and with it how it ended.
    case unknown
}
