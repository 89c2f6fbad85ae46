import Broker
import NIOSSL
import Testing

@testable import TransportTLS

/// A generator whose numbers follow from its seed (SplitMix64), so that a failing property can be run again.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

struct ClientCertificateTests {
    private func certificate(_ name: String) throws -> ClientCertificate {
        ClientCertificate(der: try Fixture.certificate(name).toDERBytes())
    }

    @Test(arguments: [
        ("reader", "Home Assistant", ClientRole.readOnly, Client.Rights.reading),
        ("writer", "evcc", .readWrite, .everything),
        ("no-role", "nobody", .absent, .reading),
        ("unknown-role", "operator", .unknown("operator"), .none),
        ("other-string", "other string", .unreadable, .none),
        ("no-name", "evcc.home", .absent, .reading),
    ])
    private func `a certificate gives its client a name and rights`(
        _ file: String, _ name: String, _ role: ClientRole, _ rights: Client.Rights
    ) throws {
        let certificate = try certificate(file)
        #expect(certificate.name == name)
        #expect(certificate.role == role)
        #expect(certificate.role.rights == rights)
    }

    @Test func `a critical extension that is not known is named`() throws {
        #expect(try certificate("critical-role").unknownExtension == "1.3.6.1.4.1.50316.802.1")
        #expect(try certificate("critical-role").role == .readOnly)
        #expect(try certificate("reader").unknownExtension == nil)
        // Its critical ones are known.
        #expect(try certificate("client-ca").unknownExtension == nil)
    }

    @Test(arguments: [("client-ca", true), ("reader", false), ("no-name", false)])
    private func `who may sign others is an authority`(_ name: String, _ isOne: Bool) throws {
        #expect(try CertificateParts(Fixture.certificate(name).toDERBytes()).isAuthority == isOne)
    }

    @Test func `an authority that may not sign certificates is none`() throws {
        var der = try Fixture.certificate("client-ca").toDERBytes()
        // keyUsage, critical: keyCertSign and cRLSign, one unused bit.
        let usage: [UInt8] = [0x55, 0x1D, 0x0F, 0x01, 0x01, 0xFF, 0x04, 0x04, 0x03, 0x02, 0x01, 0x06]
        let range = try #require(der.ranges(of: usage).first)
        der[range.upperBound - 1] = 0x02
        #expect(try !CertificateParts(der).isAuthority)
    }

    @Test func `two role extensions give no rights, whatever they say`() throws {
        var der = try Fixture.certificate("two-extensions").toDERBytes()
        #expect(ClientCertificate(der: der).role == .readOnly)
        // 1.3.6.1.4.1.50316.802.2, which becomes another .1.
        let second: [UInt8] = [0x2B, 6, 1, 4, 1, 0x83, 0x89, 0x0C, 0x86, 0x22, 2]
        let range = try #require(der.ranges(of: second).first)
        der[range.upperBound - 1] = 1
        #expect(ClientCertificate(der: der).role == .several)
        #expect(ClientRole.several.rights == .none)
    }

    @Test(arguments: [
        [0x0C, 0x0A] + Array("read-write".utf8) + [0],
        [0x0C, 0x81, 0x0A] + Array("read-write".utf8),
        [0x0C, 0x0B] + Array("read-write".utf8),
        [0x2C, 0x0C, 0x0C, 0x0A] + Array("read-write".utf8),
        [0x16, 0x0A] + Array("read-write".utf8),
        Array("read-write".utf8),
        [0x0C, 0x02, 0xC3, 0x28],
        [0x0C, 0x80, 0x00, 0x00],
        [0x0C], [],
    ])
    private func `a role that is not exactly one UTF8String in DER gives no rights`(_ value: [UInt8]) {
        #expect(ClientRole(extensionValue: value[...]) == .unreadable)
    }

    @Test(arguments: ["read-write ", "Read-Write", "read-only,read-write", "", "read-write\0"])
    private func `a role counts only if it is spelt exactly`(_ role: String) {
        let value = [0x0C, UInt8(role.utf8.count)] + Array(role.utf8)
        #expect(ClientRole(extensionValue: value[...]) == .unknown(role))
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    private func `whatever bytes a certificate has, it is read without harm, and never gains a right`(_ seed: UInt64)
        throws
    {
        var generator = SeededGenerator(seed: seed)
        let names = ["reader", "no-role", "unknown-role", "other-string", "two-extensions", "no-name"]
        let certificates = try names.map { try Fixture.certificate($0).toDERBytes() }
        for round in 0..<200 {
            var der = try #require(certificates.randomElement(using: &generator))
            for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.damage(&der, &generator) }
            let certificate = ClientCertificate(der: der)
            #expect(
                (certificate.name?.unicodeScalars.count ?? 0) <= PrintableName.maximumLength, "seed \(seed), \(round)")
            // One would have to write "write" by chance.
            #expect(certificate.role != .readWrite, "seed \(seed), round \(round)")
        }
    }

    private static func damage(_ der: inout [UInt8], _ generator: inout SeededGenerator) {
        guard let place = der.indices.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: der[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: der[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: der.remove(at: place)
        case 3: der.insert([0, 0x30, 0x80, 0xFF, 0xA3].randomElement(using: &generator) ?? 0, at: place)
        case 4: der.removeSubrange(place...)
        default: der.replaceSubrange(place..., with: der[place...].reversed())
        }
    }

    @Test func `deep nesting and long lengths are refused`() {
        var deep: [UInt8] = []
        for _ in 0..<2000 { deep = [0x30, 0x82, UInt8(deep.count >> 8), UInt8(deep.count & 0xFF)] + deep }
        #expect(ClientCertificate(der: deep).role == .unreadable)
        #expect(ClientCertificate(der: [0x30, 0x88] + [UInt8](repeating: 0xFF, count: 8)).role == .unreadable)
        #expect(ClientCertificate(der: []).role == .unreadable)
    }
}

struct PrintableNameTests {
    @Test(arguments: [
        ("evcc", "evcc"), ("Küche 2", "Küche 2"), ("a\nb\u{1B}[31m", "a?b?[31m"), ("\u{202E}txt", "?txt"),
        ("a\u{300}\u{A0}", "a??"), (String(repeating: "x", count: 65), String(repeating: "x", count: 64)),
    ])
    private func `only what can be seen stays of a name, and no more than 64 characters`(_ text: String, _ name: String)
    {
        #expect(PrintableName(text)?.text == name)
    }

    @Test(arguments: ["", "   "])
    private func `a name of nothing is none`(_ text: String) {
        #expect(PrintableName(text) == nil)
    }
}
