import NIOSSL
import Text
import TransportTLS

/// The certificates in `Fixtures`, which `scripts/make-test-certificates` has made.
enum Fixture {
    private static let folder = String(#filePath.split(separator: "/Fixture.swift")[0]) + "/Fixtures"

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    static func bytes(_ name: String) throws -> [UInt8] { try WholeFile.read(path(name), atMost: 1 << 20) }

    /// The first certificate of a file.
    static func certificate(_ name: String) throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: bytes("\(name).pem"), format: .pem)
    }

    static func files(certificate: String = "server.pem", key: String = "server.key") -> TLSFiles {
        TLSFiles(certificate: path(certificate), key: path(key), clientCA: path("client-ca.pem"))
    }

    /// What a client connects with.
    ///
    /// - Parameter certificate: nil: it has none.
    static func client(
        _ certificate: String?, authority: String = "server-ca", versions: ClosedRange<Int> = 2...3
    ) throws -> NIOSSLContext {
        let known: [TLSVersion] = [.tlsv1, .tlsv11, .tlsv12, .tlsv13]
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([try Self.certificate(authority)])
        configuration.minimumTLSVersion = known[versions.lowerBound]
        configuration.maximumTLSVersion = known[versions.upperBound]
        if let certificate {
            configuration.certificateChain = [.certificate(try Self.certificate(certificate))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: bytes("client.key"), format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
