import Glibc
import Settings
import Testing

/// The files that users start from.
struct ExampleTests {
    private static let root = String(#filePath.split(separator: "/Tests/SettingsTests/")[0])

    static let examples: [String] = {
        guard let folder = opendir("\(root)/examples") else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".yaml") { names.append(name) }
        }
        return names.sorted()
    }()

    private static func contents(_ path: String) -> [UInt8] {
        guard let file = fopen("\(root)/\(path)", "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1_000_000)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    @Test func `there are examples`() {
        #expect(Self.examples.count >= 5)
    }

    @Test("an example is right, and what it comes to is the same again", arguments: examples)
    func example(_ name: String) throws {
        let first = try Configuration(.init(flags: [:]), file: name, bytes: Self.contents("examples/\(name)"))
        #expect(try configuration(first.effective).settings == first.settings)
    }

    @Test func `the schema for editors is the one that the loader's own table makes`() {
        let written = String(decoding: Self.contents("docs/growatt-broker.schema.json"), as: UTF8.self)
        #expect(
            written == GatewaySettings.schema,
            "growatt-broker check-config --schema > docs/growatt-broker.schema.json")
    }
}
