// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let services = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")

let package = Package(
    name: "growatt-rtu-broker",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "Text"),
        .target(name: "Modbus"),
        .target(name: "Broker", dependencies: ["Modbus"]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CResources", exclude: ["Datasets", "Profiles"]),
        .target(name: "Growatt", dependencies: ["Text", "Modbus", "CResources"]),
        .target(name: "Endpoints", dependencies: ["Text"]),
        .target(name: "Settings", dependencies: ["Text", "Endpoints", "Growatt", "CYAML"]),
        .target(name: "WireLog", dependencies: ["Text", "Broker", "Modbus", "CZlib"]),
        .target(name: "Reports", dependencies: ["Text", "WireLog", "Growatt", "Modbus"]),
        .target(name: "CSerialLine"),
        .target(name: "SerialLine", dependencies: ["CSerialLine"]),
        .target(name: "CBuildIdentity"),
        .target(
            name: "Simulator", dependencies: ["Text", "Broker", "Modbus", "WireLog", "Growatt", "Settings"]),
        .target(name: "Simulation", dependencies: ["Simulator", "Broker", "Modbus"]),
        .target(
            name: "Transport",
            dependencies: [
                "Text", "Endpoints", "Broker", "Modbus", "SerialLine", nioCore,
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "TransportTLS",
            dependencies: [
                "Text", "Transport", "Broker", nioCore, tls,
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ]),
        .target(
            name: "Gateway",
            dependencies: [
                "Text", "Transport", "TransportTLS", "Simulator", "WireLog", "Growatt", "Settings", "Endpoints",
                "SerialLine", "Broker",
                "Modbus", nioCore, logging, services,
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Tools",
            dependencies: [
                "Text", "Transport", "WireLog", "Growatt", "Settings", "Endpoints", "SerialLine", "Broker", "Modbus",
                nioCore,
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "growatt-broker",
            dependencies: [
                "Text", "Tools", "Gateway", "Reports", "WireLog", "Growatt", "SerialLine", "Modbus", "Settings",
                "Endpoints", "CBuildIdentity", arguments, logging,
            ]),
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "benchmark", dependencies: ["CAllocationCount", "Transport", "Broker", "Modbus", nioCore]),
        .executableTarget(name: "simulate", dependencies: ["Simulation", arguments]),
        .testTarget(name: "TextTests", dependencies: ["TestSupport", "Text", "Simulator"]),
        .testTarget(name: "ModbusTests", dependencies: ["Modbus", "Transport", nioCore]),
        .testTarget(name: "BrokerTests", dependencies: ["TestSupport", "Broker", "Modbus", "Simulator", "WireLog"]),
        .testTarget(name: "GrowattTests", dependencies: ["Text", "Growatt", "Modbus"]),
        .testTarget(name: "EndpointsTests", dependencies: ["Endpoints"]),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "Endpoints", "Growatt"]),
        .target(
            name: "TestSupport", dependencies: ["Text", "Reports", "WireLog", "Simulator", "Modbus"],
            path: "Tests/TestSupport"),
        .testTarget(
            name: "WireLogTests",
            dependencies: [
                "TestSupport", "Text", "WireLog", "Reports", "Simulator", "Broker", "Modbus", "CZlib",
            ]),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["TestSupport", "Text", "Reports", "WireLog", "Growatt", "Simulator", "Modbus"]),
        .testTarget(name: "SerialLineTests", dependencies: ["SerialLine", "CSerialLine"]),
        .testTarget(
            name: "SimulatorTests",
            dependencies: ["TestSupport", "Simulator", "Growatt", "Settings", "Broker", "Modbus"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Text", "Simulation", "Simulator", "WireLog", "Broker", "Modbus"],
            exclude: ["golden-logs.txt"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Text", "Gateway", "Transport", "Simulator", "Settings", "Endpoints", "SerialLine", "Broker", "Modbus",
                "WireLog", nioCore, logging, services,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "ToolsTests",
            dependencies: ["Text", "Tools", "Simulator", "Growatt", "SerialLine", "Broker", "Modbus"]),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "Simulator", "SerialLine", "Broker", "Modbus", nioCore,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "TransportTLSTests",
            dependencies: [
                "Text", "TransportTLS", "Transport", "Broker", "Modbus", nioCore, tls,
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            exclude: ["Fixtures"]),
    ]
)

// C targets, whose names begin with it, have no Swift.
for target in package.targets where target.type != .system && !target.name.hasPrefix("C") {
    target.swiftSettings = settings
}
