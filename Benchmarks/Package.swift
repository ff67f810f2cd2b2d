// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The benchmarks, apart from the package so that nobody who builds arc builds them.
let package = Package(
    name: "arc-benchmarks",
    dependencies: [.package(name: "arc", path: "..")],
    targets: [
        // What arc is measured against: libpq and Lua as C programs use them.
        .systemLibrary(name: "RawPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "PlainLua", dependencies: ["RawPostgres"],
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("lua5.4")]),
        .target(
            name: "PlainPostgres", dependencies: ["RawPostgres"],
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        // Two ways to do the same work, in turns, and their times as a table.
        .target(name: "Measuring", swiftSettings: strict),
        .executableTarget(
            name: "Analytics",
            dependencies: [
                "Measuring",
                .product(name: "Postgres", package: "arc"),
                .product(name: "ArcKit", package: "arc"),
            ],
            resources: [.embedInCode("Data")],
            swiftSettings: strict),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Measuring", "RawPostgres", "PlainLua", "PlainPostgres",
                .product(name: "Postgres", package: "arc"),
                .product(name: "LuaBridge", package: "arc"),
                .product(name: "ArcKit", package: "arc"),
                .product(name: "ArcHost", package: "arc"),
            ],
            swiftSettings: strict),
    ]
)
