/// Numbers with leading zeros.
package enum Digits {
    package static func hex(_ number: some BinaryInteger, _ count: Int) -> String {
        padded(String(number, radix: 16, uppercase: true), count)
    }

    package static func binary(_ number: UInt16) -> String { padded(String(number, radix: 2), 16) }

    package static func padded(_ digits: String, _ count: Int) -> String {
        String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
