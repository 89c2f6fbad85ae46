internal import Glibc
internal import NIOCore
internal import NIOPosix

/// How a TCP peer is found that has vanished without a word: its power is gone, or the network is.
enum TCPLiveness {
    typealias Option = (name: ChannelOptions.Types.SocketOption, value: SocketOptionValue)

    /// A peer from which nothing comes is asked after a minute, then every 15 seconds, and lost after two minutes.
    static let keepAlive: [Option] = [
        (.socketOption(.so_keepalive), 1),
        (.tcpOption(.init(rawValue: TCP_KEEPIDLE)), 60),
        (.tcpOption(.init(rawValue: TCP_KEEPINTVL)), 15),
        (.tcpOption(.init(rawValue: TCP_KEEPCNT)), 4),
    ]

    /// A peer is lost that does not acknowledge, or take, for 15 seconds what was sent to it, or does not answer one
    /// ``keepAlive`` question. Source: tcp(7), `TCP_USER_TIMEOUT`, in milliseconds.
    static let unacknowledged: Option = (.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), 15_000)
}

extension ClientBootstrap {
    func channelOptions(_ options: [TCPLiveness.Option]) -> ClientBootstrap {
        options.reduce(self) { $0.channelOption($1.name, value: $1.value) }
    }
}

extension ServerBootstrap {
    func childChannelOptions(_ options: [TCPLiveness.Option]) -> ServerBootstrap {
        options.reduce(self) { $0.childChannelOption($1.name, value: $1.value) }
    }
}
