import Broker
import NIOCore
import Testing

@testable import Transport

@Suite struct ClientAdmissionTests {
    private final class Refusals { var list: [String] = [] }

    private let refusals = Refusals()

    private func admission(clients: Int = 3, perAddress: Int? = nil, rules: AddressRules = .init()) -> ClientAdmission {
        var limits = ClientAdmission.Limits()
        limits.clients = clients
        limits.perAddress = perAddress
        limits.rules = rules
        return ClientAdmission(limits) { [refusals] event in
            if case .refused(let reason, let host) = event { refusals.list.append("\(reason.rawValue) \(host)") }
        }
    }

    private func peer(_ host: String, _ port: Int = 1) throws -> SocketAddress {
        try SocketAddress(ipAddress: host, port: port)
    }

    @Test func `so many clients come in as there are places, and one more when one has left`() throws {
        let admission = admission(clients: 2)
        let rules = AddressRules()
        #expect(admission.enter(try peer("10.0.0.1"), rules))
        #expect(admission.enter(try peer("10.0.0.2"), rules))
        #expect(!admission.enter(try peer("10.0.0.3"), rules))
        #expect(admission.connected == 2)
        admission.leave(try peer("10.0.0.1"))
        #expect(admission.enter(try peer("10.0.0.3"), rules))
        #expect(admission.refused == [.full: 1])
        #expect(refusals.list == ["full 10.0.0.3"])
    }

    @Test func `so many of one address come in as are allowed, however that is written`() throws {
        let admission = admission(clients: 9, perAddress: 2)
        let rules = AddressRules()
        #expect(admission.enter(try peer("10.0.0.1", 1), rules))
        #expect(admission.enter(try peer("::ffff:10.0.0.1", 2), rules))
        #expect(!admission.enter(try peer("10.0.0.1", 3), rules))
        #expect(admission.enter(try peer("10.0.0.2"), rules))
        admission.leave(try peer("10.0.0.1", 2))
        #expect(admission.enter(try peer("10.0.0.1", 3), rules))
        #expect(admission.refused == [.perAddress: 1])
        #expect(refusals.list == ["perAddress 10.0.0.1"])
    }

    @Test func `who has to stay out by either set of rules takes no place`() throws {
        let ten = AddressBlock(bytes: [10, 0, 0, 0], length: 8)
        let tenOne = AddressBlock(bytes: [10, 1, 0, 0], length: 16)
        let admission = admission(clients: 1, rules: AddressRules(allow: [ten]))
        let ofListener = AddressRules(deny: [tenOne])
        #expect(!admission.enter(try peer("192.168.1.1"), ofListener))
        #expect(!admission.enter(try peer("10.1.0.1"), ofListener))
        #expect(admission.connected == 0)
        #expect(admission.enter(try peer("10.2.0.1"), ofListener))
        #expect(admission.refused == [.address: 2])
    }

    @Test func `a limit that is lowered keeps nobody out who is in`() throws {
        let admission = admission(clients: 2)
        #expect(admission.enter(try peer("10.0.0.1"), AddressRules()))
        #expect(admission.enter(try peer("10.0.0.2"), AddressRules()))
        admission.limits.clients = 1
        #expect(admission.connected == 2)
        admission.leave(try peer("10.0.0.1"))
        #expect(!admission.enter(try peer("10.0.0.1"), AddressRules()))
    }
}
