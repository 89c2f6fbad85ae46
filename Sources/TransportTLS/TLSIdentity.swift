internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Text

/// Who a TLS listener is, and whose clients it lets in: its files, read and checked.
package struct TLSIdentity: Sendable {
    /// How long a peer has to answer the end of a connection.
    private static let shutdownTimeout = TimeAmount.seconds(2)
    private static let maximumFileSize = 1 << 20

    package let files: TLSFiles
    /// One line for each certificate that has expired, is not valid yet, or expires within 30 days, and for each client CA
    /// that is none.
    package let notes: [String]
    /// Of what is in the files, within this process: another one after they were renewed.
    package let digest: Int
    /// Whose clients are let in.
    let authorities: Set<NIOSSLCertificate>
    private let configuration: TLSConfiguration

    /// Reads the files, blocking.
    ///
    /// - Throws: what is wrong with the first of them that is of no use.
    package init(loading files: TLSFiles) throws(TLSError) {
        try self.init(loading: files, now: time(nil))
    }

    /// - Parameter now: seconds since 1970.
    init(loading files: TLSFiles, now: Int) throws(TLSError) {
        let chain = try Self.certificates(.certificate, files.certificate)
        let authorities = try Self.certificates(.clientCA, files.clientCA)
        let key = try Self.key(files.key)
        self.files = files
        digest = try Self.digest(of: files)
        notes =
            chain.compactMap { $0.note(.certificate, files.certificate, now: now) }
            + authorities.compactMap { $0.note(.clientCA, files.clientCA, now: now) }
            + authorities.compactMap { $0.noteIfNoAuthority(files.clientCA) }
        self.authorities = Set(authorities)
        configuration = Self.configuration(chain, key, authorities)
        try Self.check(chain, key, configuration, files)
    }

    /// Reads one of the files, blocking.
    ///
    /// - Throws: what is wrong with it by itself.
    package static func check(_ part: TLSFiles.Part, of files: TLSFiles) throws(TLSError) {
        switch part {
        case .certificate: _ = try certificates(part, files.certificate)
        case .key: _ = try key(files.key)
        case .clientCA: _ = try certificates(part, files.clientCA)
        }
    }

    /// What one connection is made with.
    ///
    /// Each has its own, and with it its own keys for session tickets: none can be resumed. The certificate of a resumed
    /// session would not be verified again, and the library has no setting for that.
    func context() throws -> NIOSSLContext { try NIOSSLContext(configuration: configuration) }

    private static func digest(of files: TLSFiles) throws(TLSError) -> Int {
        var hasher = Hasher()
        hasher.combine(try read(.certificate, files.certificate))
        hasher.combine(try read(.key, files.key))
        hasher.combine(try read(.clientCA, files.clientCA))
        return hasher.finalize()
    }

    private static func certificates(_ part: TLSFiles.Part, _ path: String) throws(TLSError) -> [NIOSSLCertificate] {
        let bytes = try read(part, path)
        guard bytes.contains(pem: "CERTIFICATE-----") else { throw .noCertificate(part, path: path) }
        do {
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw .damagedCertificate(part, path: path)
        }
    }

    private static func key(_ path: String) throws(TLSError) -> NIOSSLPrivateKey {
        let bytes = try read(.key, path)
        // The second is how PKCS#1 and SEC1 say it.
        guard !bytes.contains(pem: "ENCRYPTED PRIVATE KEY-----"), !bytes.contains(pem: "Proc-Type: 4,ENCRYPTED") else {
            throw .encryptedKey(path: path)
        }
        guard bytes.contains(pem: "PRIVATE KEY-----") else { throw .noKey(path: path) }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw .noKey(path: path)
        }
    }

    private static func read(_ part: TLSFiles.Part, _ path: String) throws(TLSError) -> [UInt8] {
        do {
            return try WholeFile.read(path, atMost: maximumFileSize)
        } catch {
            throw .unreadable(part, error)
        }
    }

    private static func configuration(
        _ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey, _ authorities: [NIOSSLCertificate]
    ) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key),
            trustRoots: .certificates(authorities))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = ciphers
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = shutdownTimeout
        // Clients that have several certificates choose by it.
        configuration.sendCANameList = true
        return configuration
    }

    private static func check(
        _ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey, _ configuration: TLSConfiguration, _ files: TLSFiles
    ) throws(TLSError) {
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            if chain.dropFirst().contains(where: { belongs(key, to: $0) }) {
                throw .wrongOrder(path: files.certificate)
            }
            switch error {
            case NIOSSLError.failedToLoadPrivateKey:
                throw .foreignKey(path: files.key, certificate: files.certificate)
            case NIOSSLError.failedToLoadCertificate: throw .noServerCertificate(path: files.certificate)
            default: throw .unusable(files, reason: "\(error)")
            }
        }
    }

    private static func belongs(_ key: NIOSSLPrivateKey, to certificate: NIOSSLCertificate) -> Bool {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        return (try? NIOSSLContext(configuration: configuration)) != nil
    }

    /// Of TLS 1.2, only those with forward secrecy and authenticated encryption. TLS 1.3 has no others.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
}

extension [UInt8] {
    fileprivate func contains(pem marker: String) -> Bool { !ranges(of: Array(marker.utf8)).isEmpty }
}
