package dev.meshctl.model.resource;

/**
 * A reference to an object of some kind. The core group is empty.
 *
 * @param namespace that of the referrer where none is written
 */
public record ObjectRef(String group, String kind, String namespace, String name) {
  public static final String SECRET = "Secret";
  public static final String CONFIG_MAP = "ConfigMap";

  /** Whether it is of {@code wanted} in the core group. */
  public boolean isCore(String wanted) {
    return group.isEmpty() && kind.equals(wanted);
  }

  @Override
  public String toString() {
    String full = group.isEmpty() ? kind : kind + "." + group;
    return full + " " + namespace + "/" + name;
  }
}
