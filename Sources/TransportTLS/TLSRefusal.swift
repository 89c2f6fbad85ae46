internal import Glibc
internal import NIOSSL

/// A connection that did not become a client, a client that may do nothing, or one that had to go.
package struct TLSRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The raw value is how messages say it.
    package enum Reason: String, CaseIterable, Hashable, Sendable {
        case noCertificate = "it has no certificate"
        case expired = "its certificate has expired"
        case notYetValid = "its certificate is not valid yet"
        /// For that it is not accepted, whoever has signed it.
        case unknownExtension = "its certificate has a critical extension that is not known"
        /// Of another authority, for another purpose, or damaged: the library does not tell.
        case untrusted = "its certificate is not one of a client that the client CA has signed"
        case noTLS = "it does not speak TLS"
        case version = "it speaks no TLS of version 1.2 or 1.3"
        case cipher = "it has no cipher or signature in common"
        /// It sent an alert that says so.
        case declined = "it does not accept the broker's certificate"
        /// It sent an alert without encryption, which in TLS 1.3 cannot be read.
        case mostlyDeclined = "the handshake failed; mostly a client that does not accept the broker's certificate"
        case timeout = "its handshake took too long"
        case hungUp = "it hung up in the handshake"
        case other = "the handshake failed"
        /// Connected, but every request is refused.
        case role = "its certificate has no usable role, so that every request is refused"
        /// Was connected.
        case lockedOut = "the client CA has lost an authority since it came in; it was disconnected"
        /// Was connected.
        case outlived = "its certificate has expired while it was connected; it was disconnected"

        /// Whether it did not become a client.
        package var isOfHandshake: Bool {
            switch self {
            case .role, .lockedOut, .outlived: false
            default: true
            }
        }
    }

    /// Such as `192.168.1.10`.
    package let host: String
    package let reason: Reason
    /// The certificate's name, the role, or what the library says; can be printed.
    package let detail: String?

    package var description: String { "\(host): \(reason.rawValue)\(detail.map { " (\($0))" } ?? "")" }

    /// Such as `192.168.1.10, laptop`.
    package var source: String { detail.map { "\(host), \($0)" } ?? host }
}

extension TLSRefusal.Reason {
    /// What failed a handshake, and what there is to say of it.
    ///
    /// - Parameter certificate: what the client has shown.
    static func of(_ error: any Error, certificate: NIOSSLCertificate?) -> (Self, detail: String?) {
        guard case NIOSSLError.handshakeFailed(let failure) = error else {
            return (.other, PrintableName("\(error)")?.text)
        }
        guard case .sslError(let stack) = failure else { return (.other, PrintableName("\(failure)")?.text) }
        if stack.contains(.eofDuringHandshake) { return (.hungUp, nil) }
        let text = stack.map(\.description).joined(separator: " ")
        let found = tokens.first { text.contains($0.token) }?.reason
        guard let found else { return (.other, stack.first?.token) }
        guard found == .untrusted, let certificate else { return (found, nil) }
        let shown = (try? certificate.toDERBytes()).map { ClientCertificate(der: $0) }
        if let reason = certificate.invalidity(at: time(nil)) { return (reason, shown?.name) }
        guard let unknown = shown?.unknownExtension else { return (.untrusted, shown?.name) }
        return (.unknownExtension, [shown?.name, unknown].compactMap(\.self).joined(separator: ", "))
    }

    /// How the library names what failed. Alerts first: they come with further errors.
    private static let tokens: [(token: String, reason: Self)] = [
        ("ALERT_UNKNOWN_CA", .declined), ("ALERT_BAD_CERTIFICATE", .declined), ("ALERT_CERTIFICATE_", .declined),
        ("ALERT_UNSUPPORTED_CERTIFICATE", .declined),
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE", .noCertificate), ("CERTIFICATE_VERIFY_FAILED", .untrusted),
        ("UNSUPPORTED_PROTOCOL", .version), ("WRONG_VERSION_NUMBER", .noTLS), ("HTTP_REQUEST", .noTLS),
        ("HTTPS_PROXY_REQUEST", .noTLS), ("UNEXPECTED_RECORD", .noTLS), ("NO_SHARED_CIPHER", .cipher),
        ("NO_SHARED_GROUP", .cipher), ("NO_COMMON_SIGNATURE_ALGORITHMS", .cipher),
        ("BAD_PACKET_LENGTH", .mostlyDeclined),
    ]
}

extension NIOSSLCertificate {
    /// Why it is not valid at that time, in seconds since 1970; nil: it is.
    func invalidity(at now: Int) -> TLSRefusal.Reason? {
        if notValidAfter <= now { return .expired }
        return notValidBefore > now ? .notYetValid : nil
    }
}

extension BoringSSLInternalError {
    /// Such as `DECODE_ERROR`, of `Error: 1 error:1:SSL routines:OPENSSL_internal:DECODE_ERROR at file:1`.
    fileprivate var token: String? {
        let words = description.split(separator: "OPENSSL_internal:").last?.split(separator: " ").first
        return words.flatMap { PrintableName(String($0))?.text }
    }
}
