import BridgePlugin
import CNI
import HostLocalPlugin
import LoopbackPlugin

PluginProcess(plugins: [BridgePlugin.self, HostLocalPlugin.self, LoopbackPlugin.self]).main()
