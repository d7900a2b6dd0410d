import ClusterKit

/// What kind of cluster a world is: drawn once, so that worlds differ more than what happens in one of them does.
package struct WorldCharacter: Sendable {
    /// How many machines there are at first.
    package var nodes: Int
    /// How many kinds of equal ones; 0 when no two are alike.
    var kinds: Int
    var racks: Int
    /// Out of a hundred: how often a group uses what is not everyday, such as spreads, devices and volumes.
    var richness: Int
    /// How many everyday tasks fill a machine, about.
    var density: Int
    /// Whether disk runs out before memory does.
    var isShortOfDisk: Bool
    /// Whether priorities differ and whole kinds of jobs may preempt.
    var preempts: Bool

    /// Whether any rules let anybody preempt.
    let allowsPreemption: Bool

    init(from entropy: inout Entropy, preempting: Bool) {
        switch entropy.below(100) {
        case 0: nodes = 300 + entropy.below(60)
        case 1..<15: nodes = 12 + entropy.below(29)
        default: nodes = 3 + entropy.below(12)
        }
        kinds = [0, 0, 1, 2, 4][entropy.below(5)]
        racks = 2 + entropy.below(4)
        richness = [0, 15, 30, 60][entropy.below(4)]
        density = [2, 4, 12][entropy.below(3)]
        isShortOfDisk = entropy.below(5) == 0
        preempts = entropy.below(5) < 3
        allowsPreemption = preempting
    }
}
