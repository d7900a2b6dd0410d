#if MUTANTS
    /// A fault put into a part that has no seam, to prove that the simulation finds it: `Mutant` of the same name says
    /// which. Exists only in a program that was built for that with `-DMUTANTS`.
    package enum Sabotage: String, Sendable {
        case reusedIndex = "reused-index"
        case keptBoth = "kept-both"
        case repeatedWork = "repeated-work"
        case unboundedRollout = "unbounded-rollout"
        case stalledRollout = "stalled-rollout"
        case leftBehind = "left-behind"
        case extraCanary = "extra-canary"
        case doubledCanary = "doubled-canary"
        case forgottenCanary = "forgotten-canary"
        case tornGangs = "torn-gangs"
        case forgetfulServer = "forgetful-server"
        case wallClockHeartbeats = "wall-clock-heartbeats"
        case deafToEnds = "deaf-to-ends"
        case revivedAllocation = "revived-allocation"
        case skippedUnblock = "skipped-unblock"
        case endlessTurn = "endless-turn"
        case hastyPromotion = "hasty-promotion"
        case deafRevert = "deaf-revert"
        case endlessRollout = "endless-rollout"
        case forgottenToken = "forgotten-token"
        case repeatedLaunch = "repeated-launch"
        case overlappingLaunch = "overlapping-launch"
        case missedLaunch = "missed-launch"
        case forgottenDrain = "forgotten-drain"
        case turnlessReload = "turnless-reload"
        case hastyFence = "hasty-fence"
        case collectsRunning = "collects-running"
        case collectsLost = "collects-lost"
        case collectsParent = "collects-parent"
        case collectsNode = "collects-node"
        case collectsVersion = "collects-version"
        case servesCritical = "serves-critical"
        case keepsDead = "keeps-dead"
        case emptyOnError = "empty-on-error"
        case epochBlindAgent = "epoch-blind-agent"
        case leaseBlindShim = "lease-blind-shim"
        case tokenBlindQueue = "token-blind-queue"
        case hastyLeases = "hasty-leases"
        case endlessLeases = "endless-leases"

        /// The fault in force: set once, before anything runs, in a program of one thread.
        nonisolated(unsafe) package static var active: Sabotage?
    }
#endif
