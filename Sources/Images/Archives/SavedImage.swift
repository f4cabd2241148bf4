/// An image on its way into an archive.
struct SavedImage {
  let file: ConfigurationFile
  var names: [ImageReference]
}
