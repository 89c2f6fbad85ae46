import Glibc
import Gateway
import Broker

let lines = ExchangeLine()
try Demo.run(tcp: [.init(host: "127.0.0.1", port: 5020)], duration: nil, report: { print("#", $0) }, started: { print("listening", $0) }, observe: { if let t = lines.text(of: $0) { print(t) } })
