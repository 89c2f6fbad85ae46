package import Endpoints

/// A recording that is asked of a server.
package struct ReplaySettings: Hashable, Sendable {
    package var recording: String
    package var server: HostPort
    /// nil: no pauses.
    package var speed: Double?

    /// Reads the texts of `--as-client`, `--tcp` and `--speed`.
    ///
    /// - Throws: ``YAMLError`` for a value that is none of the allowed ones.
    package init(recording: String, server: String, speed: String?) throws(YAMLError) {
        let file = ValueKind<String>.text("a wire log or a capture, or - for the standard input")
        self.recording = try YAMLReader(flag: "--as-client", recording).value(file)
        self.server = try YAMLReader(flag: "--tcp", server).value(
            "the host:port of a Modbus TCP server, such as 127.0.0.1:5020, with a port from 1 to 65535"
        ) { text in
            HostPort(text).flatMap { $0.port > 0 ? $0 : nil }
        }
        self.speed =
            try speed.map { text throws(YAMLError) in
                try YAMLReader(flag: "--speed", text).value(ValueKind<Double?>.speed)
            } ?? 1
    }
}
