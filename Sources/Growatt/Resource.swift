internal import CResources

/// A file that is part of the program.
package struct Resource: Hashable, Sendable {
    /// Without its folder: `sph-6000`.
    package let name: String
    package let bytes: [UInt8]

    /// The names of the datasets, for `--dataset`.
    package static var datasets: [String] { names("datasets/") }
    /// The names of the profiles, for `--profile`.
    package static var profiles: [String] { names("profiles/") }

    /// Nil: there is none of this name.
    package static func dataset(_ name: String) -> Resource? { find("datasets/", name) }

    /// Nil: there is none of this name.
    package static func profile(_ name: String) -> Resource? { find("profiles/", name) }

    private static var all: UnsafeBufferPointer<resource> {
        UnsafeBufferPointer(start: resources_start(), count: resources_count())
    }

    private static func names(_ folder: String) -> [String] {
        all.map { String(cString: $0.name) }.filter { $0.hasPrefix(folder) }.map { String($0.dropFirst(folder.count)) }
    }

    private static func find(_ folder: String, _ name: String) -> Resource? {
        all.first { String(cString: $0.name) == folder + name }.map {
            Resource(name: name, bytes: Array(UnsafeBufferPointer(start: $0.bytes, count: $0.length)))
        }
    }
}

extension Dataset {
    /// Reads a dataset: by the name of a shipped one, otherwise as a file.
    ///
    /// - Throws: ``DatasetError``.
    package init(named name: String) throws(DatasetError) {
        if let resource = Resource.dataset(name) {
            try self.init(json: resource.bytes, file: name)
        } else {
            do throws(DatasetError) {
                try self.init(path: name)
            } catch  where error.key == nil && !name.contains("/") && !name.contains(".") {
                let shipped = Resource.datasets.joined(separator: ", ")
                throw DatasetError(
                    file: name, key: nil, reason: "\(error.reason); shipped datasets: \(shipped)")
            }
        }
    }
}

extension Dataset {
    /// Reads a dataset to be served.
    ///
    /// - Throws: `DatasetError` as ``init(named:)``, and for one without a register: it would refuse every request.
    package init(serving name: String) throws(DatasetError) {
        try self.init(named: name)
        guard units.values.contains(where: { !$0.holding.isEmpty || !$0.input.isEmpty || !$0.meter.isEmpty }) else {
            throw DatasetError(
                file: name, key: nil,
                reason: "no register in it; expected holding or input registers, as in "
                    + #"{"holding": {"0": 1}}"#)
        }
    }
}
