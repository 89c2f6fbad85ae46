internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Recording

/// Who a TLS listener is, and whose clients it lets in: its files, read and checked.
package struct TLSIdentity: Sendable {
    /// How long a peer has to answer the end of a connection.
    private static let shutdownTimeout = TimeAmount.seconds(2)
    private static let maximumFileSize = 1 << 20

    package let files: TLSFiles
    /// One line for each certificate that has expired, is not valid yet, or expires within 30 days.
    package let notes: [String]
    /// Of what is in the files, within this process: another one after they were renewed.
    package let digest: Int
    let context: NIOSSLContext

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
        context = try Self.context(chain, key, authorities, files)
    }

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

    private static func context(
        _ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey, _ authorities: [NIOSSLCertificate], _ files: TLSFiles
    ) throws(TLSError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key),
            trustRoots: .certificates(authorities))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = ciphers
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = shutdownTimeout
        // Clients that have several certificates choose by it.
        configuration.sendCANameList = true
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw .foreignKey(path: files.key, certificate: files.certificate)
        } catch {
            throw .unusable(files, reason: "\(error)")
        }
    }

    /// Of TLS 1.2, only those with forward secrecy and authenticated encryption. TLS 1.3 has no others.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
}

extension NIOSSLCertificate {
    private static let day = 86400
    private static let warningDays = 30

    /// What is to be said of the time in which it is valid.
    fileprivate func note(_ part: TLSFiles.Part, _ path: String, now: Int) -> String? {
        let name = ((try? toDERBytes()).flatMap { ClientCertificate(der: $0).name }).map { " (\($0))" } ?? ""
        let prefix = "\(part.rawValue) \(path)\(name):"
        if notValidBefore > now { return "\(prefix) is not valid before \(Self.date(notValidBefore))" }
        if notValidAfter <= now { return "\(prefix) has expired on \(Self.date(notValidAfter))" }
        guard notValidAfter - now < Self.warningDays * Self.day else { return nil }
        return "\(prefix) expires on \(Self.date(notValidAfter))"
    }

    /// In UTC, such as 2026-11-24.
    private static func date(_ seconds: Int) -> String {
        var seconds = seconds
        var fields = tm()
        gmtime_r(&seconds, &fields)
        let parts = [Int(fields.tm_mon) + 1, Int(fields.tm_mday)].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(Int(fields.tm_year) + 1900)-\(parts.joined(separator: "-"))"
    }
}

extension [UInt8] {
    fileprivate func contains(pem marker: String) -> Bool { !ranges(of: Array(marker.utf8)).isEmpty }
}
