/// A name under which a group or task wants to be found.
public struct ServiceSpec: Hashable, Sendable {
    /// The name; may hold `${JOB}`, `${TASKGROUP}`, `${TASK}` and `${BASE}`.
    public var name: String
    /// The label of the port that serves; empty for none.
    public var portLabel: String
    /// Words that clients and routes select by.
    public var tags: [String]
    /// Words that take the place of `tags` while an instance is a canary; empty keeps `tags`.
    public var canaryTags: [String]
    /// Free words.
    public var meta: [String: String]
    /// Which registry it was written for: `consul` or `nomad`; both are served by the one registry.
    public var provider: String
    /// `auto`, `host` or `alloc`.
    public var addressMode: String
    /// The task that the service belongs to; empty for the group's.
    public var task: String
    /// What says that it is well.
    public var checks: [CheckSpec]

    /// States a service; what is left out has Nomad's defaults.
    public init(
        name: String, portLabel: String = "", tags: [String] = [], canaryTags: [String] = [],
        meta: [String: String] = [:], provider: String = "consul", addressMode: String = "auto", task: String = "",
        checks: [CheckSpec] = []
    ) {
        self.name = name
        self.portLabel = portLabel
        self.tags = tags
        self.canaryTags = canaryTags
        self.meta = meta
        self.provider = provider
        self.addressMode = addressMode
        self.task = task
        self.checks = checks
    }
}

extension ServiceSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ServiceSpec(
                name: try fields.next(), portLabel: try fields.next(), tags: try fields.next(),
                canaryTags: try fields.next(), meta: try fields.next(), provider: try fields.next(),
                addressMode: try fields.next(), task: try fields.next(), checks: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(portLabel)
            $0.put(tags)
            $0.put(canaryTags)
            $0.put(meta)
            $0.put(provider)
            $0.put(addressMode)
            $0.put(task)
            $0.put(checks)
        }
    }
}

/// How a service is asked whether it is well.
public struct CheckSpec: Hashable, Sendable {
    /// The name shown.
    public var name: String
    /// `http`, `tcp` or `script`.
    public var kind: String
    /// The label of the port; empty takes the service's.
    public var portLabel: String
    /// The path that an http check asks for.
    public var path: String
    /// `http` or `https`.
    public var `protocol`: String
    /// The method of an http check.
    public var method: String
    /// Header lines of an http check.
    public var header: [String: [String]]
    /// The body of an http check.
    public var body: String
    /// The program of a script check.
    public var command: String
    /// Its arguments.
    public var arguments: [String]
    /// The time between two checks.
    public var interval: Duration
    /// How long one check may take.
    public var timeout: Duration
    /// The status before the first check: `passing`, `warning` or `critical`; empty means critical.
    public var initialStatus: String
    /// Good answers in a row before it counts as passing.
    public var successBeforePassing: Int
    /// Bad answers in a row before it counts as critical.
    public var failuresBeforeCritical: Int
    /// Bad answers in a row after which the task is restarted; 0 for never.
    public var restartLimit: Int
    /// How long after a start bad answers do not count.
    public var restartGrace: Duration
    /// Whether a warning counts as a good answer for restarts.
    public var restartIgnoresWarnings: Bool
    /// The task that a script check of a group's service runs in; empty takes the service's.
    public var task: String
    /// What bad answers mean to a roll-out: `require_healthy`, `ignore_warnings` or `ignore`.
    public var onUpdate: String
    /// Whether an https check accepts any certificate.
    public var skipsVerification: Bool

    /// States a check; what is left out has Nomad's defaults.
    public init(
        name: String = "", kind: String, portLabel: String = "", path: String = "", protocol: String = "http",
        method: String = "GET", header: [String: [String]] = [:], body: String = "", command: String = "",
        arguments: [String] = [], interval: Duration, timeout: Duration, initialStatus: String = "",
        successBeforePassing: Int = 0, failuresBeforeCritical: Int = 0, restartLimit: Int = 0,
        restartGrace: Duration = .seconds(1), restartIgnoresWarnings: Bool = false, task: String = "",
        onUpdate: String = "require_healthy", skipsVerification: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.portLabel = portLabel
        self.path = path
        self.protocol = `protocol`
        self.method = method
        self.header = header
        self.body = body
        self.command = command
        self.arguments = arguments
        self.interval = interval
        self.timeout = timeout
        self.initialStatus = initialStatus
        self.successBeforePassing = successBeforePassing
        self.failuresBeforeCritical = failuresBeforeCritical
        self.restartLimit = restartLimit
        self.restartGrace = restartGrace
        self.restartIgnoresWarnings = restartIgnoresWarnings
        self.task = task
        self.onUpdate = onUpdate
        self.skipsVerification = skipsVerification
    }
}

extension CheckSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            CheckSpec(
                name: try fields.next(), kind: try fields.next(), portLabel: try fields.next(),
                path: try fields.next(), protocol: try fields.next(), method: try fields.next(),
                header: try fields.next(), body: try fields.next(), command: try fields.next(),
                arguments: try fields.next(), interval: try fields.next(), timeout: try fields.next(),
                initialStatus: try fields.next(), successBeforePassing: try fields.next(),
                failuresBeforeCritical: try fields.next(), restartLimit: try fields.next(),
                restartGrace: try fields.next(), restartIgnoresWarnings: try fields.next(),
                task: try fields.next(), onUpdate: try fields.next(), skipsVerification: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(kind)
            $0.put(portLabel)
            $0.put(path)
            $0.put(self.protocol)
            $0.put(method)
            $0.put(header)
            $0.put(body)
            $0.put(command)
            $0.put(arguments)
            $0.put(interval)
            $0.put(timeout)
            $0.put(initialStatus)
            $0.put(successBeforePassing)
            $0.put(failuresBeforeCritical)
            $0.put(restartLimit)
            $0.put(restartGrace)
            $0.put(restartIgnoresWarnings)
            $0.put(task)
            $0.put(onUpdate)
            $0.put(skipsVerification)
        }
    }
}
