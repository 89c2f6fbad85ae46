import Glibc
import NIOSSL
import Testing
import Text

@testable import TransportTLS

struct TLSIdentityTests {
    /// Between the first and the last day of the fixtures.
    private static let now = time(nil)

    private func error(_ files: TLSFiles) -> TLSError? {
        do {
            _ = try TLSIdentity(loading: files)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("server.pem", "server.key"), ("server.pem", "server-sec1.key"), ("server-rsa.pem", "server-rsa.key"),
        ("server-chain.pem", "server.key"),
    ])
    private func `keys of all kinds and chains are read`(_ certificate: String, _ key: String) throws {
        let identity = try TLSIdentity(loading: Fixture.files(certificate: certificate, key: key))
        #expect(identity.notes == [])
    }

    @Test func `a file that is missing is named, with what it is for`() {
        var files = Fixture.files()
        files.clientCA = "/nowhere/ca.pem"
        #expect(
            error(files)?.description
                == "TLS client CA /nowhere/ca.pem: cannot be opened: No such file or directory")
    }

    @Test(arguments: [
        (
            "server.key", "server.key",
            "TLS certificate FIXTURES/server.key: has no certificate; expected PEM (-----BEGIN CERTIFICATE-----)"
        ),
        (
            "server.pem", "server.pem",
            "TLS key FIXTURES/server.pem: has no usable key; expected PEM (PKCS#8, PKCS#1 or SEC1)"
        ),
        (
            "server.pem", "server-encrypted.key",
            "TLS key FIXTURES/server-encrypted.key: is encrypted; expected a key without a passphrase"
        ),
        (
            "server.pem", "client.key",
            "TLS key FIXTURES/client.key: does not belong to the first certificate in FIXTURES/server.pem"
        ),
        (
            "server.pem", "server-rsa.key",
            "TLS key FIXTURES/server-rsa.key: does not belong to the first certificate in FIXTURES/server.pem"
        ),
    ])
    private func `what is wrong with a file is said in one line`(
        _ certificate: String, _ key: String, _ message: String
    ) {
        let error = error(Fixture.files(certificate: certificate, key: key))
        let folder = Fixture.path("").dropLast()
        #expect(error?.description.split(separator: folder).joined(separator: "FIXTURES") == message)
    }

    @Test func `a damaged certificate behind a good one is no chain`() throws {
        let good = try Fixture.bytes("server.pem")
        let path = "/tmp/growatt-tls-\(getpid()).pem"
        try WholeFile.write(good + good.dropLast(200) + Array("\n-----END CERTIFICATE-----\n".utf8), to: path)
        defer { unlink(path) }
        var files = Fixture.files()
        files.certificate = path
        #expect(error(files) == .damagedCertificate(.certificate, path: path))
    }

    @Test(arguments: [
        (["server-ca", "server"], ", to which the key belongs; it is one of those behind it"),
        (["reader", "server"], ", to which the key belongs; it is one of those behind it"),
        (["server-ca"], "; this one is not for TLS (keyUsage has no digitalSignature)"),
    ])
    private func `an authority in front of the broker's own certificate is said in one line`(
        _ names: [String], _ message: String
    ) throws {
        let path = "/tmp/growatt-tls-\(getpid())-\(names.joined(separator: "-")).pem"
        try WholeFile.write(names.flatMap { try Fixture.bytes("\($0).pem") }, to: path)
        defer { unlink(path) }
        var files = Fixture.files()
        files.certificate = path
        #expect(
            error(files)?.description
                == "TLS certificate \(path): the first certificate has to be the broker's own\(message)")
    }

    @Test func `a client CA that is no authority is a note`() throws {
        var files = Fixture.files()
        files.clientCA = Fixture.path("reader.pem")
        #expect(
            try TLSIdentity(loading: files).notes == [
                "TLS client CA \(files.clientCA) (Home Assistant): is no authority (basicConstraints has no CA:TRUE, or "
                    + "keyUsage no keyCertSign), so that no other certificate counts by it"
            ])
    }

    @Test func `a client CA without keyUsage is a note, since Python refuses what it has signed`() throws {
        var files = Fixture.files()
        files.clientCA = Fixture.path("no-usage-ca.pem")
        #expect(
            try TLSIdentity(loading: files).notes == [
                "TLS client CA \(files.clientCA) (CA without usage): has no keyUsage, so that Python 3.13 and newer refuse "
                    + "certificates by it; make it again with keyUsage = critical, keyCertSign, cRLSign"
            ])
    }

    @Test func `a certificate that has expired, or soon will, is a note and no error`() throws {
        let expired = try TLSIdentity(loading: Fixture.files(certificate: "server-expired.pem"))
        #expect(
            expired.notes
                == ["TLS certificate \(Fixture.path("server-expired.pem")) (localhost): has expired on 2001-01-01"])

        let last = try Fixture.certificate("server").notValidAfter
        let soon = try TLSIdentity(loading: Fixture.files(), now: last - 20 * 86400)
        #expect(soon.notes.count == 2)
        #expect(soon.notes.first?.contains("server.pem (localhost): expires on 2") ?? false)
        #expect(
            soon.notes.last?.hasPrefix("TLS client CA \(Fixture.path("client-ca.pem")) (Test client CA): ") ?? false)
        let early = try TLSIdentity(loading: Fixture.files(), now: 0)
        #expect(early.notes.first?.contains(": is not valid before 2") ?? false)
    }
}
