internal import Glibc
internal import Settings
internal import Text
internal import WireLog

/// A file that a gateway reads or writes, and what errors call it.
struct NamedFile {
    let place: FilePlace
    let name: String

    /// - Parameter what: "the recording", for errors.
    init?(_ path: String, _ what: String) {
        guard let place = FilePlace(path: path) else { return nil }
        self.place = place
        name = "\(what) (\(path))"
    }

    init?(descriptor: Int32, _ what: String) {
        guard let place = FilePlace(descriptor: descriptor) else { return nil }
        self.place = place
        name = what
    }
}

extension GatewayConfiguration {
    /// Tells of a log or a capture that is a file which holds something else, or which has another use by whatever name.
    func checkOutputs(_ faults: inout ConfigurationFaults) {
        let inputs = inputs(file: faults.file)
        _ = faults.attempt("log.file") {
            try log.checkContents(for: .wireLog)
            try log.refuse(inputs)
        }
        _ = faults.attempt("capture.file") {
            try capture?.checkContents(for: .capture)
            try capture?.refuse(inputs + log.files(as: "the wire log"))
        }
    }

    /// The files that are read, also again.
    ///
    /// - Parameter file: of the configuration; empty: none.
    private func inputs(file: String) -> [NamedFile] {
        var inputs = [file.isEmpty ? nil : NamedFile(file, "the configuration")]
        for line in lines {
            switch line.source {
            case .line: break
            case .dataset(let settings):
                inputs.append(NamedFile(settings.name, "the dataset"))
                inputs += settings.profiles.map { NamedFile($0, "a profile") }
            case .recording(let settings): inputs.append(NamedFile(settings.file, "the recording"))
            }
        }
        return inputs.compactMap(\.self)
    }
}

extension WireLogDestination {
    /// - Throws: `FileError` if the file, or the one that it is renamed to when it is full, is one of these.
    func refuse(_ others: [NamedFile]) throws(FileError) {
        for file in files(as: "") {
            guard let other = others.first(where: { $0.place == file.place }) else { continue }
            let path = if case .file(let path, _) = self { path } else { "-" }
            let isOlder = file.place != files(as: "").first?.place
            throw FileError(
                path: path,
                reason: (isOlder ? "\(path).1, to which it is renamed when it is full, is " : "is ")
                    + "\(other.name); name another file")
        }
    }

    /// What is written to: the file, and the one that it is renamed to when it is full.
    fileprivate func files(as what: String) -> [NamedFile] {
        switch self {
        case .none: []
        case .standardOutput: [NamedFile(descriptor: STDOUT_FILENO, "\(what) (-)")].compactMap(\.self)
        case .file(let path, let maximumSize):
            [NamedFile(path, what), maximumSize > 0 ? NamedFile(path + ".1", "the older file of \(what)") : nil]
                .compactMap(\.self)
        }
    }
}
