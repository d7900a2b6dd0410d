extension TaskSpec {
    /// States a task by its driver and what that is told.
    ///
    /// ```swift
    /// TaskSpec("server", driver: "docker", config: ["image": "web:2"]) {
    ///     TaskResources(cpuMHz: 500, memoryMiB: 256)
    ///     Environment(["MODE": "fast"])
    /// }
    /// ```
    public init(
        _ name: String, driver: String = "raw_exec", config: [String: ConfigValue] = [:],
        @PartsBuilder<TaskSpec> _ parts: () -> [Part<TaskSpec>] = { [] }
    ) {
        self.init(name: name, driver: driver, config: config)
        for part in parts() { part.add(&self) }
    }

    /// States a task that runs one program with arguments, as the drivers for processes take them.
    public init(
        _ name: String, driver: String = "raw_exec", command: String, _ arguments: String...,
        @PartsBuilder<TaskSpec> parts: () -> [Part<TaskSpec>] = { [] }
    ) {
        var config: [String: ConfigValue] = ["command": .string(command)]
        if !arguments.isEmpty { config["args"] = .list(arguments.map { .string($0) }) }
        self.init(name, driver: driver, config: config, parts)
    }
}

extension PartsBuilder where Whole == TaskSpec {
    /// Sets what the task may use, beside devices that were added before.
    public static func buildExpression(_ resources: TaskResources) -> [Part<TaskSpec>] {
        [
            Part { task in
                let devices = task.resources.devices
                task.resources = resources
                task.resources.devices.insert(contentsOf: devices, at: 0)
            }
        ]
    }
    /// Adds devices that the task holds exclusively.
    public static func buildExpression(_ device: DeviceRequest) -> [Part<TaskSpec>] {
        [Part { $0.resources.devices.append(device) }]
    }
    /// Adds environment variables.
    public static func buildExpression(_ environment: Environment) -> [Part<TaskSpec>] {
        [Part { $0.environment.add(environment.variables) }]
    }
    /// Adds a demand on nodes.
    public static func buildExpression(_ constraint: Constraint) -> [Part<TaskSpec>] {
        [Part { $0.constraints.append(constraint) }]
    }
    /// Adds a wish about nodes.
    public static func buildExpression(_ affinity: Affinity) -> [Part<TaskSpec>] {
        [Part { $0.affinities.append(affinity) }]
    }
    /// Adds a service.
    public static func buildExpression(_ service: ServiceSpec) -> [Part<TaskSpec>] {
        [Part { $0.services.append(service) }]
    }
    /// Adds a file that is made for the task.
    public static func buildExpression(_ template: TemplateSpec) -> [Part<TaskSpec>] {
        [Part { $0.templates.append(template) }]
    }
    /// Sets when a task is started again.
    public static func buildExpression(_ policy: RestartPolicy) -> [Part<TaskSpec>] { [Part { $0.restart = policy }] }
    /// Sets the place of the task in the life of its group.
    public static func buildExpression(_ lifecycle: TaskLifecycle) -> [Part<TaskSpec>] {
        [Part { $0.lifecycle = lifecycle }]
    }
    /// Sets how much output is kept.
    public static func buildExpression(_ logs: LogRotation) -> [Part<TaskSpec>] { [Part { $0.logs = logs }] }
    /// Adds free words.
    public static func buildExpression(_ meta: Meta) -> [Part<TaskSpec>] { [Part { $0.meta.add(meta.words) }] }
}
