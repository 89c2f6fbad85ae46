internal import Glibc
internal import Settings
internal import Text

/// What the settings of this process are read from, once at the start and again for a reload.
struct ConfigurationSource: Sendable {
    private let request: Configuration.Request

    /// - Parameters:
    ///   - file: `--config`.
    ///   - mode: `--mode`; nil: what the flags, the variables or the file name.
    init(flags: [SettingKey: [String]], mode: SourceMode? = nil, file: String?) {
        request = Configuration.Request(flags: flags, mode: mode, environment: Self.environment, file: file)
    }

    /// - Throws: ``UsageFailure`` for what is wrong, one line for each fault.
    func load() throws(UsageFailure) -> Configuration {
        do throws(YAMLError) {
            return try Configuration(request, file: file ?? "", bytes: try contents())
        } catch {
            throw UsageFailure(lines: error.lines)
        }
    }

    /// Leaves it to `GatewayConfiguration` to tell what does not fit together, with what is wrong with the files.
    ///
    /// - Throws: ``UsageFailure`` for values that are wrong by themselves, one line for each fault.
    func values() throws(UsageFailure) -> Configuration {
        do throws(YAMLError) {
            return try Configuration(valuesOf: request, file: file ?? "", bytes: try contents())
        } catch {
            throw UsageFailure(lines: error.lines)
        }
    }

    /// Where the control socket of a broker is that is started now without flags; nil: nobody says it.
    static var control: ControlPlace? {
        let source = ConfigurationSource(flags: [:], file: nil)
        let bytes = source.file.flatMap { file in try? contents(of: file) }
        return Configuration.control(source.request, bytes: bytes)
    }

    /// How messages are to be written, as far as it is known before anything was read.
    var messageFormat: MessageFormat? {
        let text = request.flags[.logFormat]?.last ?? Self.environment[SettingKey.logFormat.variable]
        return text.flatMap { MessageFormat(rawValue: $0) }
    }

    /// The file that is read; nil: there is none.
    private var file: String? {
        if let named = request.namedFile { return named }
        return request.takesDefaultFile && access(Configuration.defaultFile, F_OK) == 0
            ? Configuration.defaultFile : nil
    }

    /// nil: there is no file.
    private func contents() throws(YAMLError) -> [UInt8]? {
        guard let file else { return nil }
        return try Self.contents(of: file)
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
