import CNI

// Every plugin, once its library has one.
PluginProcess(plugins: []).main()
