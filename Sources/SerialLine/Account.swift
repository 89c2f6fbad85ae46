internal import Glibc

/// Names of users and groups.
enum Account {
    /// The name of the user this process acts as, or its number where it has no name.
    static func currentUserName() -> String {
        let user = geteuid()
        var strings = [CChar](repeating: 0, count: roomForStrings)
        return strings.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return "\(user)" }
            var record = passwd()
            var found: UnsafeMutablePointer<passwd>?
            getpwuid_r(user, &record, start, buffer.count, &found)
            return found == nil ? "\(user)" : String(cString: record.pw_name)
        }
    }

    /// The name of a group, or its number where it has no name.
    static func groupName(_ number: gid_t) -> String {
        var strings = [CChar](repeating: 0, count: roomForStrings)
        return strings.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return "\(number)" }
            var record = group()
            var found: UnsafeMutablePointer<group>?
            getgrgid_r(number, &record, start, buffer.count, &found)
            return found == nil ? "\(number)" : String(cString: record.gr_name)
        }
    }

    /// Bytes for the strings of one record; a group lists all its members.
    private static let roomForStrings = 65_536
}
