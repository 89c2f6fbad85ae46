import FoundationEssentials

/// The recording of a real dongle and Home Assistant, and a dataset of the same model of inverter: no part of the project.
enum RealData {
    /// Beside the checkout, unless the environment says otherwise.
    static let folder: String = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let beside = package.deletingLastPathComponent().appending(path: "shared/data").path
        return ProcessInfo.processInfo.environment["GROWATT_BROKER_DATA"] ?? beside
    }()
    static let recording = folder + "/shine-and-home-assistant-115200.jsonl"
    static let dataset = folder + "/min-6000tl-xh.dataset.json"
    static let isPresent = [recording, dataset].allSatisfy { FileManager.default.isReadableFile(atPath: $0) }
}
