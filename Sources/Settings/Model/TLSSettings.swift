/// The files of a Modbus Security listener, all PEM.
package struct TLSSettings: Hashable, Sendable {
    /// The server's certificate, behind it those of the authorities between it and a root.
    package var certificate = ""
    /// The server's private key.
    package var key = ""
    /// The authorities whose clients may come in.
    package var clientCA = ""

    package init() {}
}
