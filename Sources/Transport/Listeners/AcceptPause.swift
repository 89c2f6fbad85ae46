internal import Glibc
package import NIOCore

/// Stops accepting for a while where no descriptor is left: the socket stays readable, and would be tried again without
/// end. Clients wait in the backlog meanwhile.
package final class AcceptPause: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    private static let length: TimeAmount = .milliseconds(500)

    private let reserve: DescriptorReserve?
    private let onExhausted: () -> Void
    private let onResumed: () -> Void
    private var hasPaused = false

    /// - Parameters:
    ///   - reserve: given up for one connection before a pause is made.
    ///   - onExhausted: told of each pause.
    ///   - onResumed: called at the first connection accepted after a pause.
    package init(
        reserve: DescriptorReserve? = nil, onExhausted: @escaping () -> Void, onResumed: @escaping () -> Void = {}
    ) {
        self.reserve = reserve
        self.onExhausted = onExhausted
        self.onResumed = onResumed
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if hasPaused {
            hasPaused = false
            onResumed()
        }
        context.fireChannelRead(data)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, error.errnoCode == EMFILE || error.errnoCode == ENFILE else {
            return context.fireErrorCaught(error)
        }
        if let reserve, reserve.release() { return }
        hasPaused = true
        onExhausted()
        let channel = context.channel
        channel.setOption(.autoRead, value: false).whenFailure { _ in }
        channel.eventLoop.scheduleTask(in: Self.length) {
            channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
    }
}

/// A descriptor that is kept for the moment in which no other is left. On the event loop only.
package final class DescriptorReserve {
    private var descriptor: Int32 = -1

    package init() { fill() }

    deinit { _ = release() }

    /// Takes a descriptor again, if there is one.
    package func fill() {
        if descriptor < 0 { descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC) }
    }

    /// - Returns: whether one was held, and is free now.
    package func release() -> Bool {
        guard descriptor >= 0 else { return false }
        close(descriptor)
        descriptor = -1
        return true
    }
}
