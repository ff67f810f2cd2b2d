// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target of this package, in one place.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]
let strictCXX: [CXXSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

let package = Package(
    name: "arc",
    products: [
        .executable(name: "arc", targets: ["ArcShell"]),
        .library(name: "Postgres", targets: ["Postgres"]),
        .library(name: "LuaBridge", targets: ["LuaBridge"]),
        .library(name: "ArcKit", targets: ["ArcKit"]),
        .library(name: "ArcHost", targets: ["ArcHost"]),
        .library(name: "SeededRandom", targets: ["SeededRandom"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // C, each behind its own header and imported by one Swift module (`make lint` checks it).
        .systemLibrary(
            name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "CLua", dependencies: ["CJSON"], cSettings: strictC,
            linkerSettings: [.linkedLibrary("lua5.4")]),
        .target(name: "CEdit", cSettings: strictC, linkerSettings: [.linkedLibrary("edit")]),
        .target(name: "CJSON", cxxSettings: strictCXX),
        .target(name: "CStatistics", cxxSettings: strictCXX, linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CDigest", cSettings: strictC, linkerSettings: [.linkedLibrary("crypto")]),

        // Random numbers that a seed decides: for resampling, and for the tests.
        .target(name: "SeededRandom", swiftSettings: strict),

        // The five modules, lowest first.
        .target(
            name: "Postgres",
            dependencies: [
                "CPostgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .target(
            name: "LuaBridge",
            dependencies: ["CLua", "CJSON", .product(name: "DequeModule", package: "swift-collections")],
            resources: [.embedInCode("Prelude")],
            swiftSettings: strict),
        .target(
            name: "ArcKit",
            dependencies: [
                "CStatistics", "CDigest", "Postgres", "SeededRandom",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Schema/Migrations")],
            swiftSettings: strict),
        .target(
            name: "ArcHost",
            dependencies: ["ArcKit", "LuaBridge", "Postgres"],
            resources: [.embedInCode("Prelude"), .embedInCode("Documents/Files")],
            swiftSettings: strict),
        .executableTarget(
            name: "ArcShell",
            dependencies: [
                "ArcHost", "ArcKit", "CEdit", "LuaBridge", "Postgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // The tests, and the real PostgreSQL that they share.
        .target(
            name: "TestServer", dependencies: ["CThreadSanitizer", "Postgres"], path: "Tests/TestServer",
            swiftSettings: strict),
        // What the thread sanitizer has to be told; empty without it.
        .target(name: "CThreadSanitizer", path: "Tests/CThreadSanitizer", cSettings: strictC),
        .target(
            name: "FaultProxy", dependencies: ["Postgres", "SeededRandom"], path: "Tests/FaultProxy",
            swiftSettings: strict),
        .executableTarget(
            name: "Soak",
            dependencies: [
                "ArcKit", "FaultProxy", "Postgres", "SeededRandom",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Soak", swiftSettings: strict),
        // How often intervals hold and gates err, over simulated evaluations: the tables of docs/statistics.md.
        .executableTarget(
            name: "IntervalCoverage", dependencies: ["ArcKit", "SeededRandom"],
            path: "Tests/IntervalCoverage", swiftSettings: strict),
        .executableTarget(
            name: "SpoolAppender", dependencies: ["ArcKit", "CThreadSanitizer", "Postgres"],
            path: "Tests/SpoolAppender", swiftSettings: strict),
        .testTarget(
            name: "PostgresTests", dependencies: ["FaultProxy", "Postgres", "SeededRandom", "TestServer"],
            swiftSettings: strict),
        .testTarget(
            name: "LuaBridgeTests", dependencies: ["CThreadSanitizer", "LuaBridge", "SeededRandom"],
            swiftSettings: strict),
        .testTarget(
            name: "ArcKitTests",
            dependencies: [
                "ArcKit", "FaultProxy", "IntervalCoverage", "Postgres", "SeededRandom", "SpoolAppender",
                "TestServer",
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "ArcHostTests",
            dependencies: ["ArcHost", "ArcKit", "LuaBridge", "Postgres", "SeededRandom", "TestServer"],
            swiftSettings: strict),
        .testTarget(
            name: "ArcShellTests",
            dependencies: [
                "ArcHost", "ArcKit", "ArcShell", "Postgres", "SeededRandom", "SpoolAppender", "TestServer",
            ],
            swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
