import BridgePlugin
import CNI
import HostLocalPlugin
import LoopbackPlugin
import TuningPlugin

PluginProcess(plugins: [BridgePlugin.self, HostLocalPlugin.self, LoopbackPlugin.self, TuningPlugin.self]).main()
