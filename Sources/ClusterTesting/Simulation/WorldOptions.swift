public import ClusterKit

/// What a simulated run is made of. All of it follows from the seed unless it is set.
public struct WorldOptions {
    /// Decides everything that chance decides.
    public var seed: UInt64
    /// How many machines there are.
    public var nodes: Int
    /// How long faults and operations go on, in virtual time.
    public var duration: Duration
    /// How long the cluster then has to come to rest without faults.
    public var settling: Duration
    /// The scheduler under test.
    public var scheduler: any Scheduler
    /// The store under test.
    public var store: any StoreModel
    /// How many lines of the story are kept for the report.
    public var storyLength: Int
    /// The machines, when they are not those of the build cluster's shape.
    public var machines: [Node] = []
    /// What chance does to the cluster; `nil` draws that from the seed.
    public var roughness: Roughness?
    /// Whether two dozen users, an operator and twelve workers come along, whose jobs and wishes chance decides.
    public var hasUsers = true
    /// What is done to the cluster, and when; beside what chance does, unless it stays out.
    public var script: [ScriptStep] = []
    /// What becomes of tasks; without it chance decides, but in a calm world, where all run on.
    public var course: (@Sendable (TaskTurn) -> TaskCourse)?
    /// The rules of the servers; each has a name of its own.
    public var server = ServerConfiguration()
    /// Whether what became true is told in words.
    public var keepsChronicle = false
    /// The clocks of places that jobs name, as POSIX writes their rules: `CET-1CEST,M3.5.0,M10.5.0/3`. All others keep
    /// universal time.
    public var zones: [String: String] = [:]
    /// What must hold beside the cluster's own promises, looked at every two seconds and at the end.
    public var promises: [WorldPromise] = []

    /// Simulates the seed's 30 minutes on the shape of a real build cluster: 39 machines.
    public init(
        seed: UInt64, nodes: Int = 39, duration: Duration = .seconds(1800), settling: Duration = .seconds(300),
        scheduler: any Scheduler = BinPackScheduler(), store: any StoreModel = FaithfulStore(), storyLength: Int = 0
    ) {
        self.seed = seed
        self.nodes = nodes
        self.duration = duration
        self.settling = settling
        self.scheduler = scheduler
        self.store = store
        self.storyLength = storyLength
    }

    /// A world without chance: these machines, this script, and tasks that do as they are told. What became true is
    /// told in words. With another `roughness`, faults come on top; `course` says still what becomes of tasks.
    public init(
        machines: [Node], script: [ScriptStep], duration: Duration, settling: Duration = .zero, seed: UInt64 = 1,
        scheduler: any Scheduler = BinPackScheduler(), course: (@Sendable (TaskTurn) -> TaskCourse)? = nil
    ) {
        self.init(seed: seed, nodes: machines.count, duration: duration, settling: settling, scheduler: scheduler)
        self.machines = machines
        self.script = script
        self.course = course
        roughness = .calm
        hasUsers = false
        keepsChronicle = true
    }

    /// Whether chance stays out.
    var isCalm: Bool { roughness?.isCalm == true }
}

/// What a simulated run showed.
public struct WorldReport: Sendable {
    /// The seed.
    public var seed: UInt64
    /// How many events the cores handled.
    public var events = 0
    /// What was done to the cluster, by kind of fault.
    public var faults: [String: Int] = [:]
    /// What happened to messages, by kind.
    public var messages: [String: Int] = [:]
    /// What users and workers asked for and were granted, by kind.
    public var operations: [String: Int] = [:]
    /// What they asked for and were refused.
    public var refusals: [String: Int] = [:]
    /// What kinds of jobs were registered.
    public var jobs: [String: Int] = [:]
    /// What came of it, where that is to be seen as well.
    public var outcomes: [String: Int] = [:]
    /// What became durable, by kind of change of state.
    public var transitions: [String: Int] = [:]
    /// A number that two runs share only if they did the same in the same order.
    public var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Promises that were broken.
    public var violations: [Violation] = []
    /// The last things that happened, one a line.
    public var story: [String] = []
    /// What the script asked for and did not get, one a line: when, and why not.
    public var scriptFailures: [String] = []
    /// What became true, one line for each change that a person would tell, when that was asked for.
    public var chronicle: [String] = []
    /// The state at the end, as it is stored.
    public var state = Snapshot()

    init(seed: UInt64) { self.seed = seed }

    /// Folds a number into the trace (FNV-1a over whole words).
    mutating func fold(_ word: UInt64) { trace = (trace ^ word) &* 0x0000_0100_0000_01B3 }
}
