/// What happens to a task when a file that was made for it changes.
public enum TemplateChangeMode: String, StoredWord {
    /// The task is restarted.
    case restart
    /// The task gets a signal.
    case signal
    /// Nothing: the task looks at the file when it likes.
    case noop
}

/// A file that is made for a task out of a text with `{{ … }}` in it.
public struct TemplateSpec: Hashable, Sendable {
    /// The text.
    public var data: String
    /// Where the file goes: a path inside the task's folder, `${NOMAD_SECRETS_DIR}` and the like allowed.
    public var destination: String
    /// What a change of the file does to the task.
    public var changeMode: TemplateChangeMode
    /// The signal by name, when the mode is `signal`.
    public var changeSignal: String
    /// The longest random wait before a change is acted upon, so that not all instances restart at once.
    public var splay: Duration
    /// The file's mode in octal, `0644` for example.
    public var permissions: String
    /// What begins an action.
    public var leftDelimiter: String
    /// What ends an action.
    public var rightDelimiter: String
    /// Whether the file's `NAME=value` lines become environment variables of the task.
    public var isEnvironment: Bool
    /// Whether a key that a map does not hold is a mistake rather than nothing.
    public var failsOnMissingKey: Bool

    /// States a file; what is left out has Nomad's defaults.
    public init(
        data: String, destination: String, changeMode: TemplateChangeMode = .restart, changeSignal: String = "",
        splay: Duration = .seconds(5), permissions: String = "0644", leftDelimiter: String = "{{",
        rightDelimiter: String = "}}", isEnvironment: Bool = false, failsOnMissingKey: Bool = false
    ) {
        self.data = data
        self.destination = destination
        self.changeMode = changeMode
        self.changeSignal = changeSignal
        self.splay = splay
        self.permissions = permissions
        self.leftDelimiter = leftDelimiter
        self.rightDelimiter = rightDelimiter
        self.isEnvironment = isEnvironment
        self.failsOnMissingKey = failsOnMissingKey
    }
}

extension TemplateSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TemplateSpec(
                data: try fields.next(), destination: try fields.next(), changeMode: try fields.next(),
                changeSignal: try fields.next(), splay: try fields.next(), permissions: try fields.next(),
                leftDelimiter: try fields.next(), rightDelimiter: try fields.next(),
                isEnvironment: try fields.next(), failsOnMissingKey: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(data)
            $0.put(destination)
            $0.put(changeMode)
            $0.put(changeSignal)
            $0.put(splay)
            $0.put(permissions)
            $0.put(leftDelimiter)
            $0.put(rightDelimiter)
            $0.put(isEnvironment)
            $0.put(failsOnMissingKey)
        }
    }
}
