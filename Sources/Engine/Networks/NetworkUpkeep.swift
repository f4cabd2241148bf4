/// What has to be done for all networks at once.
public enum NetworkUpkeep {
  /// Has all plugins forget what belongs to no container, once after each boot; later calls cost one look at a file.
  public static func collectAfterBoot(_ store: NetworkStore) throws {}
}
