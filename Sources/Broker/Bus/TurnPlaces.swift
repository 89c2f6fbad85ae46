/// The last turn of each address, and of each of its connections (R13).
///
/// A new address or connection stands as if it had just had a turn. Otherwise a loop that connects anew for each query
/// would always be first.
struct TurnPlaces {
    /// The turns of an address and of a connection; less is longer ago.
    struct Place: Comparable {
        fileprivate(set) var address: UInt64
        fileprivate(set) var client: UInt64

        /// Another connection of the address has had a turn.
        mutating func noteTurn(ofAddress place: Place) { address = place.address }

        static func < (left: Place, right: Place) -> Bool {
            (left.address, left.client) < (right.address, right.client)
        }
    }

    /// The most addresses, and the most connections, whose turns are remembered. Beyond that, half are forgotten, and count
    /// as new.
    static let capacity = 2048

    private var turns: UInt64 = 0
    /// Only for look-up: its order never matters.
    private var ofAddress: [String: UInt64] = [:]
    /// Holds the clients themselves: another client can get the name of one that is gone.
    private var ofClient: [ObjectIdentifier: (client: Client, turn: UInt64)] = [:]

    /// How many addresses and connections are remembered.
    var counts: (addresses: Int, clients: Int) { (ofAddress.count, ofClient.count) }

    /// The place of a client, which is remembered from now on.
    mutating func place(of client: Client) -> Place {
        let (address, own) = (ofAddress[client.address], ofClient[ObjectIdentifier(client)]?.turn)
        if let address, let own { return Place(address: address, client: own) }
        let place = Place(address: address ?? next(), client: own ?? next())
        ofAddress[client.address] = place.address
        ofClient[ObjectIdentifier(client)] = (client, place.client)
        forgetOldest()
        return place
    }

    /// A client has its turn.
    mutating func noteTurn(of client: Client) -> Place {
        let turn = next()
        ofAddress[client.address] = turn
        ofClient[ObjectIdentifier(client)] = (client, turn)
        forgetOldest()
        return Place(address: turn, client: turn)
    }

    private mutating func next() -> UInt64 {
        turns += 1
        return turns
    }

    private mutating func forgetOldest() {
        if ofAddress.count > Self.capacity {
            let oldest = ofAddress.values.sorted()[Self.capacity / 2]
            ofAddress = ofAddress.filter { $0.value > oldest }
        }
        if ofClient.count > Self.capacity {
            let oldest = ofClient.values.map(\.turn).sorted()[Self.capacity / 2]
            ofClient = ofClient.filter { $0.value.turn > oldest }
        }
    }
}
