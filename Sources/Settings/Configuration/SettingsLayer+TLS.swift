extension SettingsLayer {
    /// The configuration with the files of TLS at the listeners that do not name theirs; for the tree of all layers.
    ///
    /// - Parameter layers: the one that beats the others first.
    static func tlsFiles(of layers: [SettingsLayer], in tree: YAMLNode) -> YAMLNode {
        let files = zip(ListenerSettings.filesOfTLS, fileKeys).compactMap { name, key in
            layers.lazy.compactMap { $0.values[key]?.last }.first.map { (name, $0.node) }
        }
        let listeners = tree[["listeners"]]?.elements ?? []
        return listeners.indices.reduce(tree) { tree, index in
            guard listeners[index][["tls"]] != nil else { return tree }
            return files.reduce(tree) { tree, file in
                let path = ["listeners", "\(index)", file.0]
                return tree[path].map(\.isEmpty) ?? true ? tree.setting(path, to: file.1) : tree
            }
        }
    }

    /// What is to be told of files that no listener shows.
    static func unusedTLSFiles(of layers: [SettingsLayer], in tree: YAMLNode) -> [String] {
        guard !(tree[["listeners"]]?.elements ?? []).contains(where: { $0[["tls"]] != nil }) else { return [] }
        return fileKeys.flatMap { key in layers.compactMap { $0.values[key]?.last } }
            .map { "\($0.origin): is for a tls listener, and there is none" }
    }

    private static let fileKeys: [SettingKey] = [.tlsCertificate, .tlsKey, .tlsClientCA]
}
