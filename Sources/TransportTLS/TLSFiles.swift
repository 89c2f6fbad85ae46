package import Text

/// Where the certificates and the key of a TLS listener are: paths of PEM files.
package struct TLSFiles: Hashable, Sendable {
    /// What a file is for. The raw value is how messages name it.
    package enum Part: String, CaseIterable, Hashable, Sendable {
        case certificate = "TLS certificate"
        case key = "TLS key"
        case clientCA = "TLS client CA"
    }

    /// The listener's certificate, which those of the authorities between it and the root may follow.
    package var certificate: String
    /// Its key, without a passphrase: PKCS#8, PKCS#1 or SEC1.
    package var key: String
    /// The roots, one or several, that a client's certificate has to come from.
    package var clientCA: String

    package init(certificate: String, key: String, clientCA: String) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }
}

/// Why the files of a TLS listener cannot be used. The description is one line that names the file.
package enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is missing, may not be read, or is too large.
    case unreadable(TLSFiles.Part, FileError)
    /// There is no certificate in it.
    case noCertificate(TLSFiles.Part, path: String)
    /// One of its certificates is damaged.
    case damagedCertificate(TLSFiles.Part, path: String)
    /// There is no key in it, or a damaged one.
    case noKey(path: String)
    case encryptedKey(path: String)
    /// The key belongs to another certificate.
    case foreignKey(path: String, certificate: String)
    /// The key belongs to a certificate behind the first.
    case wrongOrder(path: String)
    /// The first certificate is for something else.
    case noServerCertificate(path: String)
    /// What the library says of a certificate or key of a kind that it does not use.
    case unusable(TLSFiles, reason: String)

    /// The file that is to be mended.
    package var part: TLSFiles.Part {
        switch self {
        case .unreadable(let part, _), .noCertificate(let part, _), .damagedCertificate(let part, _): part
        case .noKey, .encryptedKey, .foreignKey: .key
        case .wrongOrder, .noServerCertificate, .unusable: .certificate
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let part, let error): "\(part.rawValue) \(error)"
        case .noCertificate(let part, let path):
            "\(part.rawValue) \(path): has no certificate; expected PEM (-----BEGIN CERTIFICATE-----)"
        case .damagedCertificate(let part, let path):
            "\(part.rawValue) \(path): has a certificate that is damaged; expected PEM as openssl writes it"
        case .noKey(let path):
            "\(TLSFiles.Part.key.rawValue) \(path): has no usable key; expected PEM (PKCS#8, PKCS#1 or SEC1)"
        case .encryptedKey(let path):
            "\(TLSFiles.Part.key.rawValue) \(path): is encrypted; expected a key without a passphrase"
        case .foreignKey(let path, let certificate):
            "\(TLSFiles.Part.key.rawValue) \(path): does not belong to the first certificate in \(certificate)"
        case .wrongOrder(let path):
            "\(TLSFiles.Part.certificate.rawValue) \(path): the first certificate has to be the broker's own, to which the "
                + "key belongs; it is one of those behind it"
        case .noServerCertificate(let path):
            "\(TLSFiles.Part.certificate.rawValue) \(path): the first certificate has to be the broker's own; this one is "
                + "not for TLS (keyUsage has no digitalSignature)"
        case .unusable(let files, let reason):
            "\(TLSFiles.Part.certificate.rawValue) \(files.certificate) and key \(files.key): cannot be used: \(reason)"
        }
    }
}
