// swift-tools-version: 6.2
import PackageDescription

/// The fuzzers of what is written in Swift, apart from the package so that nobody who builds arc builds them.
/// `scripts/fuzz` builds and runs them.
let package = Package(
    name: "arc-fuzzers",
    dependencies: [.package(name: "arc", path: "../..")],
    targets: [
        .target(name: "CFuzzer", path: "CFuzzer"),
        .executableTarget(
            name: "CallFuzzer",
            dependencies: [
                "CFuzzer", .product(name: "LuaBridge", package: "arc"),
                .product(name: "ArcHost", package: "arc"),
                .product(name: "ArcKit", package: "arc"), .product(name: "Postgres", package: "arc"),
            ],
            path: "CallFuzzer",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ]
)
