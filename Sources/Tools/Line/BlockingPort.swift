internal import Glibc
package import SerialLine

/// A serial port for a tool that does one thing after the other: reads and writes block, until Ctrl-C.
package final class BlockingPort {
    package let path: String
    private let port: PortBox
    private let interruption: Interruption

    /// - Parameter readsOnly: the system refuses every write.
    /// - Throws: ``ToolError/cannotOpen(endpoint:reason:)``.
    package init(
        opening path: String, settings: SerialPortSettings, readsOnly: Bool, _ interruption: Interruption
    ) throws(ToolError) {
        self.path = path
        self.interruption = interruption
        do throws(SerialLineError) {
            port = PortBox(try SerialPort(opening: path, settings: settings, readsOnly: readsOnly))
        } catch {
            throw .cannotOpen(endpoint: path, reason: error.description)
        }
    }

    /// What the system says about the port, one line each.
    package var notes: [String] { port.value.notes }

    package var descriptor: Int32 { port.value.descriptor }

    /// Sets the port anew; bytes of earlier are dropped.
    ///
    /// - Throws: ``ToolError/failed(_:)``.
    package func set(_ settings: SerialPortSettings) throws(ToolError) {
        do throws(SerialLineError) {
            try port.value.set(settings)
        } catch {
            throw .failed(error.description)
        }
    }

    /// What has come, as soon as something has; empty if nothing has until then.
    ///
    /// - Throws: ``ToolError/interrupted(signal:)``; ``ToolError/failed(_:)`` if the port is gone.
    package func read(until end: ContinuousClock.Instant) throws(ToolError) -> [UInt8] {
        guard try PolledDescriptors.wait([descriptor], until: end, interruption) != nil else { return [] }
        return try PolledDescriptors.read(descriptor, named: path)
    }

    /// Sends all bytes.
    ///
    /// - Throws: ``ToolError/interrupted(signal:)``; ``ToolError/failed(_:)`` if the port is gone or stuck.
    package func write(_ bytes: [UInt8]) throws(ToolError) {
        var rest = bytes[...]
        let end = ContinuousClock.now + .seconds(2)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno != EAGAIN, errno != EINTR {
                throw .failed("\(path): cannot write: \(String(cString: strerror(errno)))")
            } else {
                guard .now < end else { throw .failed("\(path): takes no more bytes; is it stuck?") }
                try interruption.pause(until: .now + .milliseconds(5))
            }
        }
    }
}

/// Keeps a port, which cannot be copied.
private final class PortBox {
    let value: SerialPort

    init(_ port: consuming SerialPort) { value = port }
}
