internal import Broker
internal import SwiftASN1

/// What the role extension of a client's certificate says (MB-TCP-Security-v21, 8.3).
enum ClientRole: Hashable {
    /// There is no such extension.
    case absent
    case readOnly
    case readWrite
    /// A role that is not known here; as in the certificate.
    case unknown(String)
    /// More than one extension.
    case several
    /// The extension, or the certificate around it, is no proper DER, or its value is no UTF8String.
    case unreadable

    /// - Parameter value: what the extension holds: a UTF8String, in DER.
    init(extensionValue value: ArraySlice<UInt8>) {
        guard let node = try? DER.parse(value), node.identifier == .utf8String,
            case .primitive(let bytes) = node.content,
            let text = String(validating: bytes, as: UTF8.self)
        else {
            self = .unreadable
            return
        }
        self =
            switch text {
            case "read-only": .readOnly
            case "read-write": .readWrite
            default: .unknown(text)
            }
    }

    var rights: Client.Rights {
        switch self {
        case .absent, .readOnly: .reading
        case .readWrite: .everything
        case .unknown, .several, .unreadable: .none
        }
    }
}
