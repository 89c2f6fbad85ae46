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

    /// The number of the user of this name, or of this number where no user has it as a name.
    static func userNumber(_ name: String) -> uid_t? {
        var strings = [CChar](repeating: 0, count: roomForStrings)
        let found = strings.withUnsafeMutableBufferPointer { buffer -> uid_t? in
            guard let start = buffer.baseAddress else { return nil }
            var record = passwd()
            var found: UnsafeMutablePointer<passwd>?
            getpwnam_r(name, &record, start, buffer.count, &found)
            return found == nil ? nil : record.pw_uid
        }
        return found ?? number(name)
    }

    /// The number of the group of this name, or of this number where no group has it as a name.
    static func groupNumber(_ name: String) -> gid_t? {
        var strings = [CChar](repeating: 0, count: roomForStrings)
        let found = strings.withUnsafeMutableBufferPointer { buffer -> gid_t? in
            guard let start = buffer.baseAddress else { return nil }
            var record = group()
            var found: UnsafeMutablePointer<group>?
            getgrnam_r(name, &record, start, buffer.count, &found)
            return found == nil ? nil : record.gr_gid
        }
        return found ?? number(name)
    }

    /// The last number means nobody: chown(2) takes it for "as it is".
    private static func number(_ text: String) -> UInt32? {
        UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }

    /// Bytes for the strings of one record; a group lists all its members.
    private static let roomForStrings = 65_536
}
