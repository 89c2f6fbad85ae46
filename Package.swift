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
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")

let package = Package(
    name: "growatt-rtu-broker",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    ],
    targets: [
        .target(name: "Text"),
        .target(name: "Modbus"),
        .target(name: "Broker", dependencies: ["Modbus"]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CResources", exclude: ["Datasets", "Profiles"]),
        .target(name: "Growatt", dependencies: ["Text", "Modbus", "CResources"]),
        .target(name: "Settings", dependencies: ["Growatt", "CYAML"]),
        .target(name: "Recording", dependencies: ["Text", "Growatt", "Broker", "Modbus", "CZlib"]),
        .target(name: "CSerialLine"),
        .target(name: "SerialLine", dependencies: ["CSerialLine"]),
        .target(name: "CBuildIdentity"),
        .target(
            name: "Simulator", dependencies: ["Text", "Broker", "Modbus", "Recording", "Growatt", "Settings"]),
        .target(name: "Simulation", dependencies: ["Simulator", "Broker", "Modbus"]),
        .target(
            name: "Transport",
            dependencies: [
                "Broker", "Modbus", "Recording", "SerialLine", nioCore,
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
                "Text", "Transport", "TransportTLS", "Simulator", "Recording", "Growatt", "Settings", "SerialLine", "Broker",
                "Modbus", nioCore, logging,
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Tools",
            dependencies: [
                "Text", "Gateway", "Transport", "Recording", "Growatt", "Settings", "SerialLine", "Broker", "Modbus",
                nioCore,
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "growatt-broker",
            dependencies: [
                "Text", "Tools", "Gateway", "Recording", "Growatt", "SerialLine", "Modbus", "Settings",
                "CBuildIdentity", arguments, logging,
            ]),
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "benchmark", dependencies: ["CAllocationCount", "Transport", "Broker", "Modbus", nioCore]),
        .executableTarget(name: "simulate", dependencies: ["Simulation", arguments]),
        .testTarget(name: "TextTests", dependencies: ["Text"]),
        .testTarget(name: "ModbusTests", dependencies: ["Modbus", "Transport", nioCore]),
        .testTarget(name: "BrokerTests", dependencies: ["Broker", "Modbus", "Simulator"]),
        .testTarget(name: "GrowattTests", dependencies: ["Text", "Growatt", "Modbus"]),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "Growatt"]),
        .testTarget(
            name: "RecordingTests",
            dependencies: ["Text", "Recording", "Growatt", "Simulator", "Broker", "Modbus", "CZlib"]),
        .testTarget(name: "SerialLineTests", dependencies: ["SerialLine", "CSerialLine"]),
        .testTarget(
            name: "SimulatorTests", dependencies: ["Simulator", "Recording", "Growatt", "Settings", "Broker", "Modbus"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Text", "Simulation", "Simulator", "Recording", "Broker", "Modbus"],
            exclude: ["golden-logs.txt"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Transport", "Simulator", "Recording", "Settings", "Broker", "Modbus", nioCore, logging,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        .testTarget(
            name: "ToolsTests",
            dependencies: ["Text", "Tools", "Simulator", "Recording", "Growatt", "SerialLine", "Broker", "Modbus"]),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "Recording", "Simulator", "SerialLine", "Broker", "Modbus", nioCore,
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
