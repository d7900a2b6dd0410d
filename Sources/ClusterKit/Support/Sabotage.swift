#if MUTANTS
    /// A fault put into a part that has no seam, to prove that the simulation finds it. Exists only in a program that
    /// was built for that with `-DMUTANTS`.
    package enum Sabotage: Sendable {
        case reusedIndex, epochBlindAgent, forgetfulServer, servesCritical, keepsDead, emptyOnError, skippedUnblock
        case wallClockHeartbeats, deafToEnds, revivedAllocation, repeatedWork, collectsRunning, hastyPromotion
        case forgottenToken, turnlessReload, hastyFence, leaseBlindShim, keptBoth
        case tokenBlindQueue, hastyLeases, endlessLeases, tornGangs, endlessTurn

        /// The fault in force: set once, before anything runs, in a program of one thread.
        nonisolated(unsafe) package static var active: Sabotage?
    }
#endif
