// The program that watches over one task. It is started by an agent only; its order comes over its standard input.
import ClusterShimCore

ShimTalk.runShim()
