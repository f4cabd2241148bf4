// The plugins are called here by their names.
