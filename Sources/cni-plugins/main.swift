import BridgePlugin
import CNI
import LoopbackPlugin

PluginProcess(plugins: [BridgePlugin.self, LoopbackPlugin.self]).main()
