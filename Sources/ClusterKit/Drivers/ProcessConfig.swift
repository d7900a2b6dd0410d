import HCL

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What `raw_exec` reads from a task's `config` block, checked.
struct ProcessConfig: Hashable, Sendable {
    /// The program: an absolute path.
    var program: String
    /// All arguments, the command as it was written first.
    var arguments: [String]
    /// The whole environment, each as `KEY=value`, sorted.
    var environment: [String]

    private static let keys = ["args", "command"]
    private static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Reads the configuration and finds the program. Throws `TaskStartFailure`; no other try can succeed.
    init(_ request: TaskRequest) throws {
        for key in request.config.keys.sorted() where !Self.keys.contains(key) {
            let hint = Suggestion.nearest(to: key, among: Self.keys).map { "; did you mean \"\($0)\"?" }
            throw Self.refusal("\"\(key)\" is not a setting of raw_exec\(hint ?? "; it has command and args")", request)
        }
        guard let command = request.config["command"]?.text, !command.isEmpty else {
            throw Self.refusal("raw_exec needs \"command\", the program to run, as text", request)
        }
        var arguments = [command]
        switch request.config["args"] {
        case nil, .null?: break
        case let value?:
            guard let texts = value.texts else {
                throw Self.refusal("\"args\" must be a list of texts", request)
            }
            arguments += texts
        }
        let environment = request.environment.sorted { $0.key < $1.key }
        for (key, _) in environment where key.isEmpty || key.utf8.contains(UInt8(ascii: "=")) {
            throw Self.refusal("\"\(key)\" cannot be the name of an environment variable", request)
        }
        let pairs = environment.map { $0.key + "=" + $0.value }
        if (arguments + pairs).contains(where: { $0.utf8.contains(0) }) {
            throw Self.refusal("the command, its arguments and the environment cannot hold zero bytes", request)
        }
        self.arguments = arguments
        self.environment = pairs
        program = try Self.find(command, for: request)
    }

    /// A command with a slash is a path, from the task's folder on unless it is absolute. A plain name is looked for
    /// in the task's `local` folder, in its folder, and along the `PATH` of its environment.
    private static func find(_ command: String, for request: TaskRequest) throws -> String {
        let folder = request.folders.task
        if command.contains("/") {
            let path = command.hasPrefix("/") ? command : folder + "/" + command
            switch look(at: path) {
            case .program: return path
            case .missing: throw missing("command not found: \(path)", request)
            case .notExecutable:
                throw missing("\(path) is not executable; is it a plain file that its owner may execute?", request)
            }
        }
        let path = request.environment["PATH"] ?? standardPath
        let folders = [request.folders.local, folder] + path.split(separator: ":").map(String.init)
        var unfit: String?
        for candidate in folders.filter({ $0.hasPrefix("/") }).map({ $0 + "/" + command }) {
            switch look(at: candidate) {
            case .program: return candidate
            case .notExecutable: unfit = unfit ?? candidate
            case .missing: continue
            }
        }
        if let unfit { throw missing("\(unfit) is not executable", request) }
        throw missing("command not found: \(command), neither in \(folder) nor along the PATH \(path)", request)
    }

    private enum Finding { case program, notExecutable, missing }

    private static func look(at path: String) -> Finding {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0 ? .program : .notExecutable
    }

    /// Wrong on every machine, so it is the work's own fault.
    private static func refusal(_ text: String, _ request: TaskRequest) -> TaskStartFailure {
        TaskStartFailure("task \"\(request.task)\": \(text)", isRecoverable: false, cause: .exit)
    }

    /// Another machine may have the program.
    private static func missing(_ text: String, _ request: TaskRequest) -> TaskStartFailure {
        TaskStartFailure("task \"\(request.task)\": \(text)", isRecoverable: false)
    }
}
