import Growatt
import Settings
import Testing

struct PollBlockTests {
    @Test(
        "blocks are a table with addresses, perhaps of another unit",
        arguments: [
            ("holding:0-124", [PollBlock(table: .holding, addresses: 0...124)]),
            ("input:3000", [PollBlock(table: .input, addresses: 3000...3000)]),
            ("2/meter:0-65535", [PollBlock(unit: 2, table: .meter, addresses: 0...65535)]),
            (
                "247/input:5-5,holding:0-1",
                [
                    PollBlock(unit: 247, table: .input, addresses: 5...5),
                    PollBlock(table: .holding, addresses: 0...1),
                ]
            ),
        ])
    func blocks(_ text: String, _ blocks: [PollBlock]) throws {
        #expect(try settings([.poll: text]).line.poll == .blocks(blocks))
    }

    @Test(
        "what is no block is refused",
        arguments: [
            "", ",", "holding", "holding:", "holding:0,", "coil:1", "holding:5-4", "holding:0-65536", "holding:1-2-3",
            "0/holding:1", "248/holding:1", "x/holding:1", "1/2/holding:1", "holding:-1", "holding:0 -1", "HOLDING:0",
        ])
    func refused(_ text: String) {
        expectRefusal(.poll, text, naming: "blocks such as holding:0-124,input:3000-3124")
        expectRefusal(.poll, text, naming: "(holding, input, meter; addresses 0 to 65535, the lower one first)")
        expectRefusal(.poll, text, naming: "with 2/ before one of unit 2 (1 to 247)")
    }

    @Test func `all of the dataset can be read only where there is one`() throws {
        let texts: [SettingKey: [String]] = [.poll: ["dataset"], .dataset: ["d"]]
        #expect(try GatewaySettings(texts, mode: .dataset).line.poll == .dataset)
        expectRefusal(.poll, "dataset", naming: "blocks of the inverter, such as input:0-124")
    }
}
