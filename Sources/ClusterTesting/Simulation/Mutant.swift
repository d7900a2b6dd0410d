import ClusterKit

/// A fault that is put into the program on purpose, to prove that the checkers would find it.
///
/// Eight replace a part through its seam. The others sit inside parts that have no seam; only a program that was built
/// with `-DMUTANTS` has them.
public enum Mutant: String, CaseIterable, Sendable {
    /// A store that lets an old leader write.
    case epochBlindStore = "epoch-blind-store"
    /// A store that acknowledges before a group is safe.
    case hastyStore = "hasty-store"
    /// A store that loses a group now and then and says it is safe.
    case lossyStore = "lossy-store"
    /// A store that gives a new leader an older state.
    case staleLeadStore = "stale-lead-store"
    /// A scheduler that takes nodes for larger than they are.
    case overfillingScheduler = "overfilling-scheduler"
    /// A scheduler that gives the same ports on every node.
    case portBlindScheduler = "port-blind-scheduler"
    /// A scheduler that places on nodes that take nothing.
    case eligibilityBlindScheduler = "eligibility-blind-scheduler"
    /// A scheduler that heeds no demand of a group.
    case constraintBlindScheduler = "constraint-blind-scheduler"
    /// A server that says at once that nothing is new, whoever leads.
    case credulousLeader = "credulous-leader"
    /// A server that does not notice that it stood still.
    case unawareLeader = "unaware-leader"
    /// A server that puts off looks at jobs of which a node changed.
    case lazyLooks = "lazy-looks"
    /// A reconciler that gives a number to a second instance.
    case reusedIndex = "reused-index"
    /// A reconciler that keeps an instance that returned and the one that took its place.
    case keptBoth = "kept-both"
    /// A reconciler that forgets which work is done.
    case repeatedWork = "repeated-work"
    /// A reconciler that replaces all instances at once.
    case unboundedRollout = "unbounded-rollout"
    /// A reconciler that begins to replace instances and does not go on.
    case stalledRollout = "stalled-rollout"
    /// A reconciler that leaves an older version where it is once its roll-out is over.
    case leftBehind = "left-behind"
    /// A reconciler that places one canary more than it was asked for.
    case extraCanary = "extra-canary"
    /// A reconciler that gives the number of one canary to the next.
    case doubledCanary = "doubled-canary"
    /// A reconciler that lets canaries run on when their roll-out is over.
    case forgottenCanary = "forgotten-canary"
    /// A reconciler that takes work on a node for not done.
    case repeatedNodeWork = "repeated-node-work"
    /// A reconciler that lets nothing wait for other work.
    case openGates = "open-gates"
    /// A planner that places of a gang what fits.
    case tornGangs = "torn-gangs"
    /// A server that forgets, when it starts, which nodes it has not heard of.
    case forgetfulServer = "forgetful-server"
    /// A server whose timeouts depend on the wall clock.
    case wallClockHeartbeats = "wall-clock-heartbeats"
    /// A server that does not hear that what it told to end has ended.
    case deafToEnds = "deaf-to-ends"
    /// A server that believes late reports of what has ended.
    case revivedAllocation = "revived-allocation"
    /// A server that does not tell those who wait when room comes free.
    case skippedUnblock = "skipped-unblock"
    /// A server that keeps room for a gang for ever.
    case endlessTurn = "endless-turn"
    /// A server that promotes canaries before they are found well.
    case hastyPromotion = "hasty-promotion"
    /// A server that waits for someone to promote canaries which were to promote themselves.
    case forgottenPromotion = "forgotten-promotion"
    /// A server that keeps a version which failed.
    case deafRevert = "deaf-revert"
    /// A server that gives a roll-out all the time that it needs.
    case endlessRollout = "endless-rollout"
    /// A server that does not know a dispatch again.
    case forgottenToken = "forgotten-token"
    /// A server that begins what is due once more when it starts.
    case repeatedLaunch = "repeated-launch"
    /// A server that begins a job beside itself though that is prohibited.
    case overlappingLaunch = "overlapping-launch"
    /// A server that takes note of a job's time and does not begin it.
    case missedLaunch = "missed-launch"
    /// A server that does not send away who is left when a drain's time is over.
    case forgottenDrain = "forgotten-drain"
    /// A server that lets all instances act on changed templates at once.
    case turnlessReload = "turnless-reload"
    /// A server that replaces at once what may run only once.
    case hastyFence = "hasty-fence"
    /// A collector that lets go of what was told to end and may still run.
    case collectsRunning = "collects-running"
    /// A collector that lets go of what is lost and may run on.
    case collectsLost = "collects-lost"
    /// A collector that lets go of jobs that make others.
    case collectsParent = "collects-parent"
    /// A collector that lets go of nodes on which something may still run.
    case collectsNode = "collects-node"
    /// A collector that lets go of versions that still run.
    case collectsVersion = "collects-version"
    /// A catalog that offers what fails its checks.
    case servesCritical = "serves-critical"
    /// A catalog that keeps the instances of what has ended.
    case keepsDead = "keeps-dead"
    /// A registry that takes silence for emptiness.
    case emptyOnError = "empty-on-error"
    /// An agent that takes any view for the newest.
    case epochBlindAgent = "epoch-blind-agent"
    /// An agent that starts all tasks of an instance at once.
    case hastyTasks = "hasty-tasks"
    /// An agent that ends all tasks of an instance at once.
    case hastyEnds = "hasty-ends"
    /// An agent that does not heed the end of a leader.
    case deafFollowers = "deaf-followers"
    /// An agent that does not count how long an instance runs.
    case endlessRun = "endless-run"
    /// A shim that lets its task run on when the lease is over.
    case leaseBlindShim = "lease-blind-shim"
    /// A server that takes the word of whoever had an item once.
    case tokenBlindQueue = "token-blind-queue"
    /// A queue that ends leases before their time.
    case hastyLeases = "hasty-leases"
    /// A queue that does not notice that nothing is heard of a worker.
    case endlessLeases = "endless-leases"

    /// The rules that are there to find it: it counts as found when one of them is broken, and no other.
    public var rules: [String] {
        switch self {
        case .epochBlindStore: ["an old leader writes no more", "one history"]
        case .staleLeadStore: ["one history"]
        case .hastyStore, .lossyStore: ["acknowledged is durable", "no acknowledged write is lost"]
        case .overfillingScheduler: ["no node over capacity"]
        case .portBlindScheduler: ["no port twice"]
        case .eligibilityBlindScheduler: ["new work goes to nodes that take it"]
        case .constraintBlindScheduler: ["hosts are distinct"]
        case .credulousLeader, .unawareLeader: ["an old leader vouches for nothing"]
        case .lazyLooks: ["a look at a job comes in time"]
        case .reusedIndex: ["one live allocation a name"]
        case .keptBoth: ["of two of a name one ends", "one live allocation a name"]
        case .repeatedWork: ["finished work is not begun again"]
        case .unboundedRollout: ["a roll-out changes few at a time"]
        case .stalledRollout: ["a roll-out goes on"]
        case .leftBehind: ["the newest version runs"]
        case .extraCanary: ["as many canaries as were asked for"]
        case .doubledCanary: ["one canary a number"]
        case .forgottenCanary: ["canaries end with their roll-out"]
        case .repeatedNodeWork: ["finished work is not begun again"]
        case .openGates: ["who waits for others begins after them"]
        case .tornGangs: ["a gang is placed whole or not at all"]
        case .forgetfulServer: ["who falls silent is lost in time", "work leaves a lost machine"]
        case .wallClockHeartbeats: ["who is heard of is not lost"]
        case .deafToEnds: ["no acknowledged write is lost", "what is told to end is known to have ended"]
        case .revivedAllocation: ["states only move forward"]
        case .skippedUnblock: ["who is first in line is placed in time", "what fits is placed"]
        case .endlessTurn: ["a reservation ends"]
        case .hastyPromotion: ["only what is well is promoted"]
        case .forgottenPromotion: ["canaries that are well are promoted"]
        case .deafRevert: ["a version that fails is taken back"]
        case .endlessRollout: ["a roll-out without progress is given up"]
        case .forgottenToken: ["one child for each token"]
        case .repeatedLaunch: ["each time of a schedule begins once"]
        case .overlappingLaunch: ["what must not overlap runs once at a time"]
        case .missedLaunch: ["each time of a schedule makes a job"]
        case .forgottenDrain: ["a drain ends in its time"]
        case .turnlessReload: ["by turns"]
        case .hastyFence, .leaseBlindShim: ["at most one of a name runs"]
        case .collectsRunning: ["nothing that may run is forgotten"]
        case .collectsLost: ["nothing that runs is forgotten"]
        case .collectsParent, .collectsNode, .collectsVersion: ["nothing that is needed is forgotten"]
        case .servesCritical: ["what fails is not offered"]
        case .keepsDead: ["only what runs is offered"]
        case .emptyOnError: ["an error never empties a service"]
        case .epochBlindAgent: ["nothing is stopped that shall run"]
        case .hastyTasks: ["tasks begin in their order"]
        case .hastyEnds: ["tasks end in their order"]
        case .deafFollowers: ["the others end with the leader"]
        case .endlessRun: ["nothing runs longer than it may"]
        case .tokenBlindQueue: ["a stale token is refused"]
        case .hastyLeases: ["an item has one worker at a time"]
        case .endlessLeases: ["what nobody works on goes back"]
        }
    }

    /// Those that this program can put in.
    public static var available: [Mutant] {
        #if MUTANTS
            allCases
        #else
            allCases.filter(\.hasSeam)
        #endif
    }

    private var hasSeam: Bool {
        var options = WorldOptions(seed: 0)
        return replacePart(of: &options)
    }

    /// Puts the fault in. What is not `available` changes nothing.
    public func apply(to options: inout WorldOptions) {
        guard !replacePart(of: &options) else { return }
        #if MUTANTS
            Sabotage.active = Sabotage(rawValue: rawValue)
        #endif
    }

    /// Replaces the part that is at fault. Gives `false` where there is no seam for it.
    private func replacePart(of options: inout WorldOptions) -> Bool {
        switch self {
        case .epochBlindStore: options.store = EpochBlindStore()
        case .hastyStore: options.store = HastyStore()
        case .lossyStore: options.store = LossyStore()
        case .staleLeadStore: options.store = StaleLeadStore()
        case .overfillingScheduler: options.scheduler = DistortedScheduler.overfilling
        case .portBlindScheduler: options.scheduler = DistortedScheduler.portBlind
        case .eligibilityBlindScheduler: options.scheduler = DistortedScheduler.eligibilityBlind
        case .constraintBlindScheduler: options.scheduler = DistortedScheduler.constraintBlind
        default: return false
        }
        return true
    }
}
