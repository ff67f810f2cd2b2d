// swift-tools-version: 6.2
import PackageDescription

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
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "RawPostgres", "PlainLua", "PlainPostgres",
                .product(name: "Postgres", package: "arc"),
                .product(name: "LuaBridge", package: "arc"),
                .product(name: "ArcKit", package: "arc"),
                .product(name: "ArcHost", package: "arc"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ]
)
