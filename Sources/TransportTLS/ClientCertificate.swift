/// What a client's certificate says of the client. Any bytes give an answer.
///
/// Whether the certificate is genuine was decided before: this only reads it.
struct ClientCertificate: Hashable {
    /// The subject's common name, else the first alternative name, fit for logs; nil: it has neither.
    let name: String?
    let role: ClientRole
    /// The first critical extension that is not known, such as `1.3.6.1.4.1.50316.802.1`: for that it is not accepted.
    let unknownExtension: String?

    /// - Parameter der: the certificate (RFC 5280); what is none has no name and an unreadable role.
    init(der: [UInt8]) {
        guard let parts = try? CertificateParts(der) else {
            name = nil
            role = .unreadable
            unknownExtension = nil
            return
        }
        name = (parts.commonName ?? parts.alternativeName).flatMap { PrintableName($0)?.text }
        unknownExtension = parts.unknownExtension.flatMap { PrintableName($0)?.text }
        let roles = parts.extensions.filter { $0.identifier == CertificateParts.role }
        role = roles.count > 1 ? .several : roles.first.map { ClientRole(extensionValue: $0.value) } ?? .absent
    }
}
