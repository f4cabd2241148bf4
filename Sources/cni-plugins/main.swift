import BridgePlugin
import CNI
import FirewallPlugin
import HostLocalPlugin
import LoopbackPlugin
import MacvlanPlugin
import OverlayPlugin
import PortmapPlugin
import TuningPlugin

PluginProcess(plugins: [
  BridgePlugin.self, FirewallPlugin.self, HostLocalPlugin.self, LoopbackPlugin.self, MacvlanPlugin.self, OverlayPlugin.self,
  PortmapPlugin.self,
  TuningPlugin.self,
]).main()
