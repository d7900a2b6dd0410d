// The program that watches over one task. An agent starts it; its order comes over its standard input.
import ClusterShimCore

if !ShimTalk.enterIfAsked() {
    print("cluster-shim watches over one task of a cluster. cluster-agent starts it; it is of no use by hand.")
}
