internal import OverlayDataPlane

/// The text of `/metrics`, in Prometheus' format.
enum Metrics {
  static func text(_ figures: HealthReport.Figures, network: String) -> String {
    var text = ""
    func add(_ name: String, _ kind: String, _ help: String, _ value: some CustomStringConvertible) {
      text += "# HELP overlayd_\(name) \(help)\n# TYPE overlayd_\(name) \(kind)\noverlayd_\(name){network=\"\(network)\"} \(value)\n"
    }
    let statistics = figures.statistics
    add("ready", "gauge", "Whether this host has a lease and its data plane is in place.", figures.isReady ? 1 : 0)
    add("peers", "gauge", "Other hosts.", figures.peers)
    add("peers_unreachable", "gauge", "Other hosts that no way leads to.", figures.unreachable)
    add("leases", "gauge", "Leases in the store, this host's included.", figures.leases)
    add("lease_claims_total", "counter", "Times that this host's lease was taken or renewed.", figures.claims)
    add("lease_conflicts_total", "counter", "Times that another host claimed this host's network.", figures.conflicts)
    add("store_lost", "gauge", "Whether the store does not answer or refuses.", figures.isStoreLost ? 1 : 0)
    add("store_failures_total", "counter", "Times that the store did not answer or refused.", figures.storeFailures)
    add("store_last_contact_timestamp_seconds", "gauge", "When the store last answered.", figures.lastContact)
    add("reconciliations_total", "counter", "Comparisons of what is wanted with what the kernel holds.", statistics.reconciliations)
    add("reconcile_seconds_total", "counter", "Time spent on them.", seconds(statistics.totalNanoseconds))
    add("reconcile_last_seconds", "gauge", "Time spent on the last one.", seconds(statistics.lastNanoseconds))
    add("kernel_changes_total", "counter", "Requests to the kernel that changed something.", statistics.changes)
    add("repairs_total", "counter", "Times that something was put back that somebody had removed or changed.", statistics.repairs)
    add("kernel_faults", "gauge", "Things that the kernel refuses.", statistics.faults.count)
    add("device_received_dropped_total", "counter", "Packets lost on their way in through the tunnel.", figures.dropped.received)
    add("device_sent_dropped_total", "counter", "Packets lost on their way out through the tunnel.", figures.dropped.sent)
    return text
  }

  private static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
}
