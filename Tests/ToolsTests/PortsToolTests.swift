import SerialLine
import Testing
internal import Text

@testable import Tools

struct PortsToolTests {
    private func port(_ device: String, serial: String?, byID: String? = nil) -> PortDescription {
        var port = PortDescription(device: device)
        port.byID = byID
        port.byPath = "/dev/serial/by-path/\(device.suffix(1))"
        port.adapter = .init(product: "USB Serial", serialNumber: serial, identifiers: "1a86:7523")
        return port
    }

    @Test func `the name by adapter is advised, unless several adapters share it`() {
        let alone = port("/dev/ttyUSB0", serial: nil, byID: "/dev/serial/by-id/a")
        #expect(alone.recommendedName(among: [alone]) == "/dev/serial/by-id/a")
        let twin = port("/dev/ttyUSB1", serial: nil)
        #expect(alone.recommendedName(among: [alone, twin]) == "/dev/serial/by-path/0")
        #expect(twin.recommendedName(among: [alone, twin]) == "/dev/serial/by-path/1")
        let other = port("/dev/ttyUSB2", serial: "B", byID: "/dev/serial/by-id/b")
        #expect(other.recommendedName(among: [alone, twin, other]) == "/dev/serial/by-id/b")
        let fixed = PortDescription(device: "/dev/ttyS0")
        #expect(fixed.recommendedName(among: [fixed]) == "/dev/ttyS0")
    }

    @Test func `who may not open a port is told which group to join`() {
        var denied = port("/dev/ttyUSB0", serial: nil, byID: "/dev/serial/by-id/a")
        denied.access = .denied(group: "dialout")
        denied.holders = [PortHolder(process: 12, program: "mbusd")]
        let text = PortsTool(isJSON: false, Output()).text(denied, among: [denied])
        #expect(text.contains("you may not open it; join the group dialout"))
        #expect(text.contains("pid 12 (mbusd)"))
        #expect(text.contains("USB Serial (1a86:7523)"))
        let json = PortsTool(isJSON: true, Output()).json(denied, among: [denied]).line
        #expect(json.contains(#""open_in":[{"pid":12,"program":"mbusd"}],"may_open":false,"group":"dialout""#))
    }
}
