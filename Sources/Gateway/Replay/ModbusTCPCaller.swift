internal import Glibc
package import Modbus
internal import NIOCore

/// Asks a Modbus TCP server one request after the other, and waits for each answer. Blocks.
package final class ModbusTCPCaller {
    private let descriptor: Int32
    private let timeout: Duration
    private var transaction: UInt16 = 0
    private var received = ByteBuffer()

    /// - Parameter timeout: for the connection to each address of the host, and for each answer.
    /// - Throws: ``GatewayError/cannotConnect(_:reason:)``.
    package init(_ server: GatewayConfiguration.Address, timeout: Duration) throws(GatewayError) {
        self.timeout = timeout
        descriptor = try Self.connect(to: server, within: timeout)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Tries the host's addresses in their order: `localhost` is often `::1` first, where many servers do not listen.
    private static func connect(
        to server: GatewayConfiguration.Address, within timeout: Duration
    ) throws(GatewayError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(server.host, "\(server.port)", &hints, &list)
        guard code == 0 else {
            throw .cannotConnect("\(server)", reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        var reason = "it has no address"
        var next = list
        while let address = next?.pointee {
            let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            // Linux takes the time to send for the time to connect as well.
            var limit = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
            reason = errno == EINPROGRESS ? "no answer within \(timeout)" : String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            next = address.ai_next
        }
        throw .cannotConnect("\(server)", reason: reason)
    }

    /// - Returns: the answer, which may be an exception; nil: none came in time.
    /// - Throws: ``GatewayError/connectionLost(_:)``; the caller is of no use then.
    package func ask(_ unit: UnitIdentifier, _ request: PDU) throws(GatewayError) -> PDU? {
        transaction &+= 1
        let bytes = TCPFrame(transaction: transaction, unit: unit, pdu: request).bytes
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw .connectionLost(String(cString: strerror(errno)))
        }
        let end = Self.now + timeout
        while true {
            do throws(MBAPError) {
                while let frame = try TCPFrame(&received) {
                    // What comes to an earlier request came too late.
                    if frame.transaction == transaction { return frame.pdu }
                }
            } catch {
                throw .connectionLost("the server's answer is no Modbus")
            }
            let left = end - Self.now
            guard left > .zero, try receive(within: left) else { return nil }
        }
    }

    /// - Returns: false if nothing came in time.
    private func receive(within time: Duration) throws(GatewayError) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&waiting, 1, Int32(time / .milliseconds(1)) + 1)
        // A signal, as after Ctrl-Z, is no end of the time.
        if ready < 0, errno == EINTR { return true }
        guard ready > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else {
            throw .connectionLost(count == 0 ? "closed by the server" : String(cString: strerror(errno)))
        }
        received.writeBytes(bytes[..<count])
        return true
    }

    /// Since some start.
    package static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Duration(
            secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
    }
}
