// swift-tools-version: 6.2
import PackageDescription

// One list for every target, so that no module is laxer than another. A canary file proves that each name is
// spelled right.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

/// A dependency that only the hosts need: an embedder who writes `traits: []` neither fetches nor builds it.
func host(_ name: String, package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Hosts"]))
}

let argumentParser = host("ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let nio = [
    host("NIOCore", package: "swift-nio"), host("NIOPosix", package: "swift-nio"),
]

let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "ClusterKit",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "HCL", targets: ["HCL"]),
        .library(name: "Patterns", targets: ["Patterns"]),
        .library(name: "ClusterKit", targets: ["ClusterKit"]),
        .library(name: "ClusterSQLite", targets: ["ClusterSQLite"]),
        .library(name: "ClusterClient", targets: ["ClusterClient"]),
        .library(name: "ClusterEdge", targets: ["ClusterEdge"]),
        .library(name: "ClusterTesting", targets: ["ClusterTesting"]),
        .library(name: "ClusterHTTP", targets: ["ClusterHTTP"]),
        .executable(name: "cluster-server", targets: ["ClusterServer"]),
        .executable(name: "cluster-agent", targets: ["ClusterAgent"]),
        .executable(name: "cluster", targets: ["ClusterCLI"]),
        .executable(name: "cluster-shim", targets: ["ClusterShim"]),
        .executable(name: "cluster-simulate", targets: ["ClusterSimulate"]),
        .executable(name: "placement", targets: ["PlacementBenchmark"]),
    ],
    traits: [
        .trait(name: "Hosts", description: "Everything the executables need beyond the ClusterKit library."),
        .default(enabledTraits: ["Hosts"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // Level 0: regular expressions in linear time.
        .target(name: "Patterns", swiftSettings: settings),
        // Level 0: the configuration language; it knows no job.
        .target(name: "HCL", dependencies: ["Patterns"], swiftSettings: settings),
        // Linux calls that Swift cannot make: one file of C, empty on other systems.
        .target(name: "CLinux"),
        // The SQLite calls that Swift cannot make: a header, nothing to compile.
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        // The system's cryptography: a header, nothing to compile.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

        // What watches over one task: without Foundation, so that a shim's own memory stays below one MiB.
        .target(name: "ClusterShimCore", dependencies: ["CLinux"], swiftSettings: settings),

        // Level 1: one import runs a cluster.
        .target(
            name: "ClusterKit",
            dependencies: [
                "HCL", "Patterns", "CLinux", "COpenSSL", "ClusterShimCore", logging, lifecycle,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HashTreeCollections", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: settings),

        // Level 2: each has a dependency or an audience of its own; none imports another.
        .target(
            name: "ClusterSQLite",
            dependencies: ["ClusterKit", "CSQLite", host("GRDB", package: "GRDB.swift"), logging],
            swiftSettings: settings),
        .target(
            name: "ClusterClient",
            dependencies: [
                "ClusterKit", host("AsyncHTTPClient", package: "async-http-client"),
                host("NIOCore", package: "swift-nio"), host("NIOHTTP1", package: "swift-nio"),
                host("NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .target(
            name: "ClusterEdge", dependencies: ["ClusterKit", logging, lifecycle] + nio, swiftSettings: settings),
        .target(
            name: "ClusterTesting",
            dependencies: [
                "ClusterKit", logging,
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings),

        // Level 3: the server side of the HTTP dialects.
        .target(
            name: "ClusterHTTP",
            dependencies: [
                "ClusterKit", "ClusterClient", "HCL", logging, lifecycle,
                host("Hummingbird", package: "hummingbird"), host("NIOCore", package: "swift-nio"),
                host("HTTPTypes", package: "swift-http-types"), host("NIOHTTPTypes", package: "swift-nio-extras"),
            ],
            swiftSettings: settings),

        // Level 4: thin hosts. They read settings, compose and run; what those that serve share is in ClusterHosts.
        .target(
            name: "ClusterHosts", dependencies: ["ClusterKit", "ClusterClient", "HCL", argumentParser, logging],
            swiftSettings: settings),
        .executableTarget(
            name: "ClusterServer",
            dependencies: [
                "ClusterKit", "ClusterSQLite", "ClusterEdge", "ClusterHTTP", "ClusterHosts", "HCL", argumentParser,
                logging, lifecycle, signals,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "ClusterAgent",
            dependencies: [
                "ClusterKit", "ClusterClient", "ClusterHosts", argumentParser, logging, lifecycle, signals,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "ClusterCLI",
            dependencies: ["ClusterKit", "ClusterClient", "HCL", argumentParser],
            swiftSettings: settings),
        .executableTarget(name: "ClusterShim", dependencies: ["ClusterShimCore"], swiftSettings: settings),
        .executableTarget(
            name: "ClusterSimulate", dependencies: ["ClusterKit", "ClusterTesting"], swiftSettings: settings),

        // Examples are programs as users would write them: they use only public API.
        .executableTarget(
            name: "OneProcess", dependencies: ["ClusterKit", logging, lifecycle], path: "Examples/OneProcess",
            swiftSettings: settings),
        .executableTarget(
            name: "CustomDriver", dependencies: ["ClusterKit", "ClusterTesting"], path: "Examples/CustomDriver",
            swiftSettings: settings),

        .executableTarget(
            name: "CustomSecretStore", dependencies: ["ClusterKit", "ClusterTesting"],
            path: "Examples/CustomSecretStore", swiftSettings: settings),
        .executableTarget(
            name: "CustomMetricSink", dependencies: ["ClusterKit", "ClusterTesting"],
            path: "Examples/CustomMetricSink", swiftSettings: settings),
        .executableTarget(
            name: "CustomScheduler", dependencies: ["ClusterKit", "ClusterTesting"], path: "Examples/CustomScheduler",
            swiftSettings: settings),
        .executableTarget(
            name: "Rehearsal", dependencies: ["ClusterKit", "ClusterTesting"], path: "Examples/Rehearsal",
            swiftSettings: settings),
        // A small web service, for jobs to run.
        .executableTarget(
            name: "WebService",
            dependencies: [
                host("Hummingbird", package: "hummingbird"), host("HTTPTypes", package: "swift-http-types"), logging,
                lifecycle, signals,
            ],
            path: "Examples/WebService", swiftSettings: settings),

        // What measures parts beside their peers.
        .executableTarget(
            name: "RouteLookup", dependencies: ["ClusterKit"], path: "Benchmarks/RouteLookup",
            swiftSettings: settings),
        .executableTarget(
            name: "EdgeHost", dependencies: ["ClusterEdge", "ClusterKit", logging, lifecycle, signals],
            path: "Benchmarks/Edge/EdgeHost", swiftSettings: settings),
        .executableTarget(
            name: "PlacementBenchmark",
            dependencies: ["ClusterKit", "ClusterSQLite", "ClusterTesting", "CLinux", argumentParser, logging],
            path: "Benchmarks/Placement", swiftSettings: settings),
        // What the benchmark of the hosts starts a server on.
        .executableTarget(
            name: "FillFolder", dependencies: ["ClusterKit", "ClusterSQLite", logging],
            path: "Benchmarks/Hosts/FillFolder", swiftSettings: settings),

        // The shim's program is a dependency so that it is built beside the tests that run it.
        .testTarget(name: "ShimTests", dependencies: ["ClusterShimCore", "ClusterShim"], swiftSettings: settings),
        .testTarget(
            name: "ClusterKitTests",
            dependencies: [
                "ClusterKit", "ClusterShimCore", "ClusterShim", "ClusterTesting", "HCL", "Patterns", logging, lifecycle,
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            exclude: ["Jobs/Fixtures", "Scenarios/Golden"], swiftSettings: settings),
        .testTarget(
            name: "ClusterSQLiteTests",
            dependencies: [
                "ClusterKit", "ClusterSQLite", "ClusterTesting", host("GRDB", package: "GRDB.swift"), logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ClusterEdgeTests",
            dependencies: ["ClusterEdge", "ClusterKit", "ClusterTesting", logging, lifecycle] + nio,
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(
            name: "PlacementBenchmarkTests",
            dependencies: ["PlacementBenchmark", "ClusterKit", "ClusterTesting", argumentParser],
            swiftSettings: settings),
        .testTarget(name: "PatternsTests", dependencies: ["Patterns"], swiftSettings: settings),
        .testTarget(name: "HCLTests", dependencies: ["HCL"], swiftSettings: settings),
        .testTarget(
            name: "ClusterCLITests",
            dependencies: [
                "ClusterCLI", "ClusterServer", "ClusterAgent", "ClusterHosts", "ClusterClient", "ClusterKit",
                "ClusterTesting", "HCL", argumentParser, logging,
            ],
            swiftSettings: settings),
        // The executables are dependencies so that they are built beside the tests that run them.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ClusterCLI", "ClusterServer", "ClusterAgent", "ClusterShim", "FillFolder", "WebService",
                "ClusterClient", "ClusterKit", "ClusterTesting",
            ],
            swiftSettings: settings),
        // The checkable half of the rules: reads the sources, imports none of them.
        .testTarget(name: "TidyTests", swiftSettings: settings),
        .testTarget(
            name: "ClusterClientTests", dependencies: ["ClusterClient", "ClusterKit", "ClusterTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "ClusterHTTPTests",
            dependencies: [
                "ClusterHTTP", "ClusterClient", "ClusterKit", "ClusterTesting", logging, lifecycle,
                host("AsyncHTTPClient", package: "async-http-client"), host("NIOCore", package: "swift-nio"),
                host("NIOHTTP1", package: "swift-nio"), host("NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Fixtures", "Python"], swiftSettings: settings),
    ]
)
