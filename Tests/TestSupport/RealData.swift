internal import FoundationEssentials

/// The recording of a real dongle and Home Assistant, and a dataset of the same model of inverter: no part of the project.
package enum RealData {
    /// Beside the checkout, unless the environment says otherwise.
    package static let folder: String = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let beside = package.deletingLastPathComponent().appending(path: "shared/data").path
        return ProcessInfo.processInfo.environment["GROWATT_BROKER_DATA"] ?? beside
    }()
    package static let recording = folder + "/shine-and-home-assistant-115200.jsonl"
    package static let dataset = folder + "/min-6000tl-xh.dataset.json"
    package static let isPresent = [recording, dataset].allSatisfy { FileManager.default.isReadableFile(atPath: $0) }
}
