import BridgePlugin
import CNI
import LoopbackPlugin
import TuningPlugin

PluginProcess(plugins: [BridgePlugin.self, LoopbackPlugin.self, TuningPlugin.self]).main()
