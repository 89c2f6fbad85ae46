internal import Glibc
internal import NIOSSL

extension NIOSSLCertificate {
    private static let day = 86400
    private static let warningDays = 30

    /// What is to be said of the time in which it is valid.
    func note(_ part: TLSFiles.Part, _ path: String, now: Int) -> String? {
        let prefix = prefix(part, path)
        if notValidBefore > now { return "\(prefix) is not valid before \(Self.date(notValidBefore))" }
        if notValidAfter <= now { return "\(prefix) has expired on \(Self.date(notValidAfter))" }
        guard notValidAfter - now < Self.warningDays * Self.day else { return nil }
        return "\(prefix) expires on \(Self.date(notValidAfter))"
    }

    /// What is to be said of one that is to be an authority, and cannot be one.
    func noteIfNoAuthority(_ path: String) -> String? {
        guard let parts = try? CertificateParts(toDERBytes()) else { return nil }
        if parts.isAuthorityWithoutUsage {
            return
                "\(prefix(.clientCA, path)) has no keyUsage, so that Python 3.13 and newer refuse certificates by it; "
                + "make it again with keyUsage = critical, keyCertSign, cRLSign"
        }
        guard !parts.isAuthority else { return nil }
        return "\(prefix(.clientCA, path)) is no authority (basicConstraints has no CA:TRUE, or keyUsage no "
            + "keyCertSign), so that no other certificate counts by it"
    }

    private func prefix(_ part: TLSFiles.Part, _ path: String) -> String {
        let name = ((try? toDERBytes()).flatMap { ClientCertificate(der: $0).name }).map { " (\($0))" } ?? ""
        return "\(part.rawValue) \(path)\(name):"
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
