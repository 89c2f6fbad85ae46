internal import Glibc
internal import SwiftASN1

/// The parts of a certificate that are needed here (RFC 5280).
struct CertificateParts {
    static let role: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 50316, 802, 1]
    private static let keyUsage: ASN1ObjectIdentifier = [2, 5, 29, 15]
    private static let subjectAlternativeName: ASN1ObjectIdentifier = [2, 5, 29, 17]
    private static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
    /// Those that may be critical, as the library looks at them (`X509_supported_extension`).
    private static let known: Set<ASN1ObjectIdentifier> = [
        keyUsage, subjectAlternativeName, basicConstraints, [2, 5, 29, 30], [2, 5, 29, 32], [2, 5, 29, 33],
        [2, 5, 29, 36], [2, 5, 29, 37], [2, 5, 29, 54],
    ]

    /// The last one of the subject, which is the most specific.
    private(set) var commonName: String?
    private(set) var extensions: [(identifier: ASN1ObjectIdentifier, isCritical: Bool, value: ArraySlice<UInt8>)] = []
    private var isOfFirstVersion = true

    /// - Throws: if it is no certificate.
    init(_ der: [UInt8]) throws {
        let outer = try DER.parse(der).children(.sequence)
        guard outer.count == 3, let signed = outer.first else { throw Malformed() }
        var fields = try signed.children(.sequence)[...]
        if fields.first?.identifier == .tagged(0) {
            isOfFirstVersion = false
            fields.removeFirst()
        }
        // Serial number, algorithm, issuer, validity, subject, key; then [1] and [2], which nobody uses, and extensions.
        guard fields.count >= 6, let subject = fields.dropFirst(4).first else { throw Malformed() }
        for name in try subject.children(.sequence).flatMap({ try $0.children(.set) }) {
            let pair = try name.children(.sequence)
            guard pair.count == 2, let type = pair.first, let value = pair.last else { throw Malformed() }
            guard try ASN1ObjectIdentifier(derEncoded: type) == .NameAttributes.commonName else { continue }
            commonName = try value.text
        }
        for field in fields.dropFirst(6) where field.identifier == .tagged(3) {
            let wrapped = try field.children(.tagged(3))
            guard wrapped.count == 1, let list = wrapped.first else { throw Malformed() }
            for entry in try list.children(.sequence) { try take(entry.children(.sequence)) }
        }
    }

    /// Identifier, perhaps whether it is critical, value.
    private mutating func take(_ entry: [ASN1Node]) throws {
        guard let identifier = entry.first, let value = entry.last, value.identifier == .octetString,
            entry.count == 2 || entry.count == 3 && entry.dropFirst().first?.identifier == .boolean
        else { throw Malformed() }
        let isCritical = entry.count == 3 ? try Bool(derEncoded: entry[1]) : false
        extensions.append((try ASN1ObjectIdentifier(derEncoded: identifier), isCritical, try value.bytes))
    }

    /// The first critical one that is not known, such as `1.2.3`.
    var unknownExtension: String? {
        extensions.first { $0.isCritical && !Self.known.contains($0.identifier) }?.identifier.description
    }

    /// Whether other certificates can be signed with it: those of the first version do not say.
    var isAuthority: Bool {
        if isOfFirstVersion { return true }
        guard let constraints = value(Self.basicConstraints),
            let first = try? DER.parse(constraints).children(.sequence).first,
            (try? Bool(derEncoded: first)) == true
        else { return false }
        guard let usage = value(Self.keyUsage) else { return true }
        // Behind the number of unused bits: keyCertSign is the sixth.
        return ((try? DER.parse(usage).bytes.dropFirst().first) ?? 0) & 0x04 != 0
    }

    /// Whether it is an authority to which OpenSSL in strict mode, as Python uses it from 3.13 on, objects (RFC 5280, 4.2.1.3).
    var isAuthorityWithoutUsage: Bool { !isOfFirstVersion && isAuthority && value(Self.keyUsage) == nil }

    private func value(_ identifier: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? {
        extensions.first { $0.identifier == identifier }?.value
    }

    /// The first one that is a text or an address.
    var alternativeName: String? {
        guard let found = value(Self.subjectAlternativeName), let names = try? DER.parse(found).children(.sequence)
        else { return nil }
        for name in names {
            guard let bytes = try? name.bytes else { continue }
            // Mail address, host name and URI are texts.
            if [.tagged(1), .tagged(2), .tagged(6)].contains(name.identifier) {
                return String(decoding: bytes, as: UTF8.self)
            }
            if name.identifier == .tagged(7), let address = String(ipAddress: bytes) { return address }
        }
        return nil
    }
}

private struct Malformed: Error {}

extension ASN1Identifier {
    fileprivate static func tagged(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }
}

extension ASN1Node {
    fileprivate func children(_ identifier: ASN1Identifier) throws -> [ASN1Node] {
        guard self.identifier == identifier, case .constructed(let nodes) = content else { throw Malformed() }
        return Array(nodes)
    }

    fileprivate var bytes: ArraySlice<UInt8> {
        get throws {
            guard case .primitive(let bytes) = content else { throw Malformed() }
            return bytes
        }
    }

    /// Of any kind of string; what does not fit its encoding becomes U+FFFD.
    fileprivate var text: String {
        get throws {
            guard identifier == .bmpString else { return String(decoding: try bytes, as: UTF8.self) }
            let bytes = Array(try bytes)
            let units = stride(from: 0, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return String(decoding: units, as: UTF16.self)
        }
    }
}

extension String {
    /// - Parameter ipAddress: 4 or 16 bytes.
    fileprivate init?(ipAddress bytes: ArraySlice<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard bytes.withUnsafeBytes({ inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) }) != nil else {
            return nil
        }
        self.init(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
