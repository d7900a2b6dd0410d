import ClusterKit

/// A fault that is put into the program on purpose, to prove that the checkers would find it.
///
/// Eight replace a part through its seam. The others sit inside parts that have no seam; they exist only in a program
/// that was built with `-DMUTANTS`.
public enum Mutant: String, CaseIterable, Sendable {
    /// A store that lets an old leader write.
    case epochBlindStore = "epoch-blind-store"
    /// A store that acknowledges before a group is safe.
    case hastyStore = "hasty-store"
    /// A scheduler that takes nodes for larger than they are.
    case overfillingScheduler = "overfilling-scheduler"
    /// A store that loses a group now and then and says it is safe.
    case lossyStore = "lossy-store"
    /// A store that gives a new leader an older state.
    case staleLeadStore = "stale-lead-store"
    /// A scheduler that places on nodes that take nothing.
    case eligibilityBlindScheduler = "eligibility-blind-scheduler"
    /// A scheduler that heeds no demand of a group.
    case constraintBlindScheduler = "constraint-blind-scheduler"
    /// A scheduler that gives everyone the same port.
    case portBlindScheduler = "port-blind-scheduler"
    #if MUTANTS
        /// A reconciler that gives a number to a second instance.
        case reusedIndex = "reused-index"
        /// An agent that takes any view for the newest.
        case epochBlindAgent = "epoch-blind-agent"
        /// A server that forgets, when it starts, which nodes it has not heard of.
        case forgetfulServer = "forgetful-server"
        /// A catalog that offers what fails its checks.
        case servesCritical = "serves-critical"
        /// A catalog that keeps the instances of what has ended.
        case keepsDead = "keeps-dead"
        /// A server that does not tell those who wait when room comes free.
        case skippedUnblock = "skipped-unblock"
        /// A registry that takes silence for emptiness.
        case emptyOnError = "empty-on-error"
        /// A server whose timeouts depend on the wall clock.
        case wallClockHeartbeats = "wall-clock-heartbeats"
        /// A server that does not hear that what it told to end has ended.
        case deafToEnds = "deaf-to-ends"
        /// A server that believes late reports of what has ended.
        case revivedAllocation = "revived-allocation"
        /// A reconciler that forgets which work is done.
        case repeatedWork = "repeated-work"
        /// A server that lets go of what was told to end and may still run.
        case collectsRunning = "collects-running"
        /// A server that promotes canaries before they are found well.
        case hastyPromotion = "hasty-promotion"
        /// A server that does not know a dispatch again.
        case forgottenToken = "forgotten-token"
        /// A server that lets all instances act on changed templates at once.
        case turnlessReload = "turnless-reload"
        /// A server that replaces at once what may run only once.
        case hastyFence = "hasty-fence"
        /// A shim that lets its task run on when the lease is over.
        case leaseBlindShim = "lease-blind-shim"
        /// A reconciler that keeps an instance that returned and the one that took its place.
        case keptBoth = "kept-both"
        /// A server that takes the word of whoever had an item once.
        case tokenBlindQueue = "token-blind-queue"
        /// A queue that ends leases before their time.
        case hastyLeases = "hasty-leases"
        /// A queue that does not notice that nothing is heard of a worker.
        case endlessLeases = "endless-leases"
        /// A planner that places of a gang what fits.
        case tornGangs = "torn-gangs"
        /// A server that keeps room for a gang for ever.
        case endlessTurn = "endless-turn"
    #endif

    /// Puts the fault in.
    public func apply(to options: inout WorldOptions) {
        switch self {
        case .epochBlindStore: options.store = EpochBlindStore()
        case .hastyStore: options.store = HastyStore()
        case .overfillingScheduler: options.scheduler = DistortedScheduler.overfilling
        case .portBlindScheduler: options.scheduler = DistortedScheduler.portBlind
        case .eligibilityBlindScheduler: options.scheduler = DistortedScheduler.eligibilityBlind
        case .constraintBlindScheduler: options.scheduler = DistortedScheduler.constraintBlind
        case .lossyStore: options.store = LossyStore()
        case .staleLeadStore: options.store = StaleLeadStore()
        #if MUTANTS
            case .reusedIndex: Sabotage.active = .reusedIndex
            case .epochBlindAgent: Sabotage.active = .epochBlindAgent
            case .forgetfulServer: Sabotage.active = .forgetfulServer
            case .servesCritical: Sabotage.active = .servesCritical
            case .keepsDead: Sabotage.active = .keepsDead
            case .skippedUnblock: Sabotage.active = .skippedUnblock
            case .emptyOnError: Sabotage.active = .emptyOnError
            case .wallClockHeartbeats: Sabotage.active = .wallClockHeartbeats
            case .deafToEnds: Sabotage.active = .deafToEnds
            case .revivedAllocation: Sabotage.active = .revivedAllocation
            case .repeatedWork: Sabotage.active = .repeatedWork
            case .collectsRunning: Sabotage.active = .collectsRunning
            case .hastyPromotion: Sabotage.active = .hastyPromotion
            case .forgottenToken: Sabotage.active = .forgottenToken
            case .turnlessReload: Sabotage.active = .turnlessReload
            case .hastyFence: Sabotage.active = .hastyFence
            case .leaseBlindShim: Sabotage.active = .leaseBlindShim
            case .keptBoth: Sabotage.active = .keptBoth
            case .tokenBlindQueue: Sabotage.active = .tokenBlindQueue
            case .hastyLeases: Sabotage.active = .hastyLeases
            case .endlessLeases: Sabotage.active = .endlessLeases
            case .tornGangs: Sabotage.active = .tornGangs
            case .endlessTurn: Sabotage.active = .endlessTurn
        #endif
        }
    }
}
