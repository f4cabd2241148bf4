internal import ArgumentParser
internal import Engine
internal import Images
internal import JSON
internal import Linux

/// `berth system df`
struct SystemDiskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "df", abstract: "Show disk usage")

  @Option(help: "Format output: table, json, or a template") var format: String?

  /// What one kind of thing takes.
  private struct Usage {
    let type: String
    var total = 0
    var active = 0
    var size: Int64 = 0
    var reclaimable: Int64 = 0

    var row: JSONObject {
      let share = size == 0 ? "" : " (\(100 * reclaimable / size)%)"
      return JSONObject([
        ("Type", .string(type)), ("TotalCount", .string("\(total)")), ("Active", .string("\(active)")),
        ("Size", .string(ByteCount.decimal(UInt64(size)))), ("Reclaimable", .string(ByteCount.decimal(UInt64(reclaimable)) + share)),
      ])
    }

    mutating func add(_ size: Int64, isActive: Bool) {
      total += 1
      self.size += size
      if isActive { active += 1 } else { reclaimable += size }
    }
  }

  func run() throws {
    let images = try LocalImages.open()
    let usages = try [SystemDiskCommand.images(images), containers(images.containers), volumes(images.containers)]
    let columns = [
      (heading: "TYPE", field: "Type"), ("TOTAL", "TotalCount"), ("ACTIVE", "Active"), ("SIZE", "Size"), ("RECLAIMABLE", "Reclaimable"),
    ]
    try Listing(columns: columns, rows: usages.map(\.row)).print(format: format)
  }

  /// Layers that images share count once.
  private static func images(_ images: LocalImages) throws -> Usage {
    var usage = Usage(type: "Images"), sizes: [String: Int64] = [:], used: Set<String> = []
    let users = try images.userCounts()
    for image in try images.store.images() {
      let isUsed = users[image.id] != nil
      usage.total += 1
      if isUsed { usage.active += 1 }
      for (folder, size) in zip(image.layerFolders.reversed(), try images.store.layerSizes(of: image)) {
        sizes[folder] = size
        if isUsed { used.insert(folder) }
      }
    }
    usage.size = sizes.values.reduce(0, +)
    usage.reclaimable = sizes.filter { !used.contains($0.key) }.values.reduce(0, +)
    return usage
  }

  private func containers(_ store: ContainerStore) throws -> Usage {
    var usage = Usage(type: "Containers")
    for record in try store.records() {
      let upper = store.places.upper(record.id)
      let size = FileSystem.exists(upper) ? try FileSystem.sizeOfTree(upper) : 0
      usage.add(Int64(size), isActive: [.running, .paused, .restarting].contains(record.status.state))
    }
    return usage
  }

  private func volumes(_ store: ContainerStore) throws -> Usage {
    var usage = Usage(type: "Local Volumes")
    let volumes = VolumeStore(store.places), used = try volumes.usedNames(in: store)
    for volume in try volumes.volumes() {
      usage.add(Int64(try FileSystem.sizeOfTree(volumes.contentPath(of: volume.name))), isActive: used.contains(volume.name))
    }
    return usage
  }
}
