package dev.meshctl.model.xds;

import java.util.Optional;

/**
 * The RBAC filter, of connections or requests.
 *
 * @param rules enforced; absent allows everything
 * @param shadow only reported
 */
public record AccessControl(Optional<AccessRules> rules, Optional<AccessRules> shadow) {
  /** Nothing is refused or reported. */
  public static final AccessControl NONE = new AccessControl(Optional.empty(), Optional.empty());

  public static AccessControl enforcing(AccessRules rules) {
    return new AccessControl(Optional.of(rules), Optional.empty());
  }
}
