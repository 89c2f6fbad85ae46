package import Broker
package import NIOCore
package import SerialLine

/// The inverter's line on a serial port, as the link of a ``Bus``.
package final class SerialBusLink: DeviceLink {
    private var device: SerialDevice?
    package weak var bus: Bus?

    /// - Parameter report: told about the port, after the bus.
    package init(
        path: String, settings: SerialPortSettings, loop: any EventLoop, registry: PortRegistry,
        report: @escaping (SerialDevice.Event) -> Void
    ) {
        device = SerialDevice(
            path: path, settings: settings, loop: loop, registry: registry,
            received: { [weak self] in self?.bus?.received($0) },
            report: { [weak self] event in
                self?.note(event)
                report(event)
            })
    }

    package func open() { device?.open() }

    /// See ``SerialDevice/stop()``.
    package func stop() -> EventLoopFuture<Void>? { device?.stop() }

    package func transmit(_ bytes: [UInt8]) { device?.write(bytes) }

    package func reopen() { device?.reopen() }

    private func note(_ event: SerialDevice.Event) {
        switch event {
        case .opened: bus?.lineOpened()
        case .lost(let reason): bus?.lineClosed(reason)
        case .notOpened: bus?.lineNotOpened()
        }
    }
}
