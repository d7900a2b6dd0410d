/// The rules of placement, as the servers show and take them.
public struct SchedulerConfigurationWire: Codable, Hashable, Sendable {
    /// `binpack` or `spread`.
    public var algorithm: String
    /// Whether tasks may use more memory than is counted, up to their `memory_max`; only newer servers know it.
    public var memoryOversubscription: Bool?
    /// Which jobs may take the place of less important ones.
    public var preemption: Preemption
    /// How many instances may be moved in an hour so that nodes come free; only ClusterKit's servers know it.
    public var tidyingMovesPerHour: Int?
    /// The revision that last changed the rules.
    public var modifyIndex: UInt64?

    /// Which jobs may take the place of less important ones, by their type.
    public struct Preemption: Codable, Hashable, Sendable {
        /// Jobs of type `system`.
        public var system: Bool
        /// Jobs of type `sysbatch`; only newer servers know them.
        public var sysbatch: Bool?
        /// Jobs of type `batch`.
        public var batch: Bool
        /// Jobs of type `service`.
        public var service: Bool

        /// States all of them.
        public init(system: Bool, sysbatch: Bool?, batch: Bool, service: Bool) {
            self.system = system
            self.sysbatch = sysbatch
            self.batch = batch
            self.service = service
        }

        enum CodingKeys: String, CodingKey {
            case system = "SystemSchedulerEnabled"
            case sysbatch = "SysBatchSchedulerEnabled"
            case batch = "BatchSchedulerEnabled"
            case service = "ServiceSchedulerEnabled"
        }
    }

    /// States rules.
    public init(
        algorithm: String, memoryOversubscription: Bool?, preemption: Preemption, tidyingMovesPerHour: Int? = nil,
        modifyIndex: UInt64? = nil
    ) {
        self.algorithm = algorithm
        self.memoryOversubscription = memoryOversubscription
        self.preemption = preemption
        self.tidyingMovesPerHour = tidyingMovesPerHour
        self.modifyIndex = modifyIndex
    }

    enum CodingKeys: String, CodingKey {
        case algorithm = "SchedulerAlgorithm"
        case memoryOversubscription = "MemoryOversubscriptionEnabled"
        case preemption = "PreemptionConfig"
        case tidyingMovesPerHour = "TidyingMovesPerHour"
        case modifyIndex = "ModifyIndex"
    }
}

/// The answer that holds the rules of placement.
public struct SchedulerAnswer: Decodable, Hashable, Sendable {
    /// The rules.
    public var configuration: SchedulerConfigurationWire

    enum CodingKeys: String, CodingKey { case configuration = "SchedulerConfig" }
}

/// What became of a change of the rules of placement.
public struct SchedulerUpdate: Decodable, Hashable, Sendable {
    /// Whether the rules were as new as the change was made for.
    public var isUpdated: Bool

    enum CodingKeys: String, CodingKey { case isUpdated = "Updated" }
}
