import BridgePlugin
import CNI
import FirewallPlugin
import HostLocalPlugin
import LoopbackPlugin
import TuningPlugin

PluginProcess(plugins: [BridgePlugin.self, FirewallPlugin.self, HostLocalPlugin.self, LoopbackPlugin.self, TuningPlugin.self]).main()
