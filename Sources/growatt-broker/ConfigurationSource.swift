internal import Glibc
internal import Recording
internal import Settings

/// What the settings of this process are read from, once at the start and again for a reload.
struct ConfigurationSource: Sendable {
    private let request: Configuration.Request

    /// - Parameters:
    ///   - file: `--config`.
    ///   - mode: `--mode`; nil: what the flags, the variables or the file name.
    init(flags: [SettingKey: [String]], mode: SourceMode? = nil, file: String?) {
        request = Configuration.Request(flags: flags, mode: mode, environment: Self.environment, file: file)
    }

    /// - Throws: ``UsageFailure`` for what is wrong, in one line.
    func load() throws(UsageFailure) -> Configuration {
        do throws(YAMLError) {
            if let file = request.namedFile {
                return try Configuration(request, file: file, bytes: try Self.contents(of: file))
            }
            if request.takesDefaultFile, access(Configuration.defaultFile, F_OK) == 0 {
                let file = Configuration.defaultFile
                return try Configuration(request, file: file, bytes: try Self.contents(of: file))
            }
            return try Configuration(request)
        } catch {
            throw UsageFailure(error.description)
        }
    }

    /// Where the broker's control socket is: by a flag, else as a broker that is started now would have it.
    ///
    /// - Throws: ``UsageFailure``.
    static func control(_ flags: [SettingKey: [String]]) throws(UsageFailure) -> ControlPlace {
        // A line for those who name none: only the socket is of interest.
        let hasLine = ConfigurationSource(flags: flags, file: nil)
        if let found = try? hasLine.load() { return found.settings.control }
        let own = flags.merging([.inverter: ["/dev/inverter"]]) { given, _ in given }
        return try ConfigurationSource(flags: own, file: nil).load().settings.control
    }

    private static func contents(of file: String) throws(YAMLError) -> [UInt8] {
        do throws(FileError) {
            return try WholeFile.read(file, atMost: YAMLParser.largestFile)
        } catch {
            throw YAMLError(file: file, place: nil, reason: error.reason)
        }
    }

    /// The variables that this process was started with.
    private static var environment: [String: String] {
        let bytes = (try? WholeFile.read("/proc/self/environ", atMost: 1_000_000)) ?? []
        var environment: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            let sides = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            environment[String(decoding: sides[0], as: UTF8.self)] = String(decoding: sides[1], as: UTF8.self)
        }
        return environment
    }
}
