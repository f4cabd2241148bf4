extension RunOptions {
  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try codeProcess(&fields)
    try codeNetwork(&fields)
    try codeFilesAndRights(&fields)
  }

  private mutating func codeProcess(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("interactive", &isInteractive)
    try fields.field("tty", &usesTerminal)
    try fields.field("attached", &isAttached)
    try fields.field("entrypoint", &entrypoint)
    try fields.field("command", &command)
    try fields.field("env", &environment)
    try fields.field("workdir", &workingFolder)
    try fields.field("user", &user)
    try fields.field("groupAdd", &additionalGroups)
    try fields.field("init", &hasReaper)
    try fields.field("stopSignal", &stopSignal)
    try fields.field("stopTimeout", &stopTimeout)
    try fields.field("rm", &removesItself)
    try fields.field("restart", &restartPolicy)
    try fields.field("labels", &labels)
    try fields.field("logDriver", &logDriver)
    try fields.field("logOptions", &logOptions)
    try fields.field("healthcheck", &healthcheck)
  }

  private mutating func codeNetwork(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("networks", &networks)
    try fields.field("networkAliases", &networkAliases)
    try fields.field("ip", &address4)
    try fields.field("ip6", &address6)
    try fields.field("mac", &hardwareAddress)
    try fields.field("publish", &publications)
    try fields.field("publishAll", &publishesAll)
    try fields.field("expose", &exposedPorts)
    try fields.field("links", &links)
    try fields.field("hostname", &hostName)
    try fields.field("domainname", &domainName)
    try fields.field("addHosts", &additionalHosts)
    try fields.field("dns", &nameServers)
    try fields.field("dnsSearch", &searchDomains)
    try fields.field("dnsOptions", &resolverOptions)
  }

  private mutating func codeFilesAndRights(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("volumes", &volumes)
    try fields.field("mounts", &mounts)
    try fields.field("volumesFrom", &volumesFrom)
    try fields.field("tmpfs", &temporaryFolders)
    try fields.field("readOnly", &isReadOnly)
    try fields.field("shmSize", &sharedMemorySize)
    try fields.field("devices", &devices)
    try fields.field("limits", &limits)
    try fields.field("ulimits", &processLimits)
    try fields.field("oomScoreAdj", &oomScoreAdjustment)
    try fields.field("capAdd", &addedCapabilities)
    try fields.field("capDrop", &droppedCapabilities)
    try fields.field("privileged", &isPrivileged)
    try fields.field("securityOptions", &securityOptions)
    try fields.field("sysctls", &sysctls)
    try fields.field("userns", &userNamespace)
    try fields.field("pid", &processNamespace)
    try fields.field("ipc", &ipcNamespace)
    try fields.field("uts", &hostNameNamespace)
    try fields.field("cgroupns", &cgroupNamespace)
  }
}
