import Glibc
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct AcceptPauseTests {
    private final class Told { var exhausted = 0, resumed = 0 }

    private let told = Told()
    private let channel: EmbeddedChannel

    init() {
        let told = told
        channel = EmbeddedChannel(
            handler: AcceptPause(onExhausted: { told.exhausted += 1 }, onResumed: { told.resumed += 1 }))
    }

    private func fail(_ code: Int32) {
        channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
    }

    private func accept() {
        let connection: any Channel = EmbeddedChannel()
        channel.pipeline.fireChannelRead(connection)
    }

    @Test func `each pause is told, and once that a client is accepted after it`() {
        accept()
        #expect(told.resumed == 0)
        fail(EMFILE)
        fail(ENFILE)
        #expect(told.exhausted == 2)
        #expect(told.resumed == 0)
        accept()
        accept()
        #expect(told.resumed == 1)
        fail(EMFILE)
        accept()
        #expect(told.resumed == 2)
    }

    @Test func `another error is no pause`() {
        fail(ECONNABORTED)
        accept()
        #expect((told.exhausted, told.resumed) == (0, 0))
    }

    @Test func `a reserve is given up first`() {
        let reserve = DescriptorReserve()
        let told = told
        let channel = EmbeddedChannel(handler: AcceptPause(reserve: reserve, onExhausted: { told.exhausted += 1 }))
        for expected in [0, 1] {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
            #expect(told.exhausted == expected)
        }
    }
}
