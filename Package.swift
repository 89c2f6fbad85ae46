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
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "growatt-rtu-broker",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .target(name: "Modbus", dependencies: [nioCore], swiftSettings: settings),
        .target(name: "Broker", dependencies: ["Modbus"], swiftSettings: settings),
        .target(name: "Simulator", dependencies: ["Broker", "Modbus"], swiftSettings: settings),
        .target(name: "Simulation", dependencies: ["Simulator", "Broker", "Modbus"], swiftSettings: settings),
        .target(name: "CSerialLine"),
        .target(name: "SerialLine", dependencies: ["CSerialLine"], swiftSettings: settings),
        .target(name: "Recording", dependencies: ["Broker", "Modbus"], swiftSettings: settings),
        .executableTarget(name: "simulate", dependencies: ["Simulation", arguments], swiftSettings: settings),
        .testTarget(name: "ModbusTests", dependencies: ["Modbus"], swiftSettings: settings),
        .testTarget(name: "BrokerTests", dependencies: ["Broker", "Modbus"], swiftSettings: settings),
        .testTarget(name: "RecordingTests", dependencies: ["Recording", "Broker", "Modbus"], swiftSettings: settings),
        .testTarget(name: "SerialLineTests", dependencies: ["SerialLine", "CSerialLine"], swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: settings),
    ]
)
