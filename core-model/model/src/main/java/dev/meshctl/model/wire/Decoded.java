package dev.meshctl.model.wire;

import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsResource;
import java.util.List;

/** What became of one xDS resource: taken, or refused by name with every reason. */
public sealed interface Decoded {
  /**
   * Taken.
   *
   * @param ignoredFields paths of set fields that we do not act on and that change no request's
   *     fate, for example {@code stat_prefix}
   * @param inlineSecrets certificates and trust that stand in the resource itself; it refers to
   *     them by names that begin with {@link SecretConfig#INLINE}
   */
  record Accepted(
      XdsResource resource, List<String> ignoredFields, List<SecretConfig> inlineSecrets)
      implements Decoded {
    public Accepted {
      ignoredFields = List.copyOf(ignoredFields);
      inlineSecrets = List.copyOf(inlineSecrets);
    }

    /** One that brings no secrets along. */
    public Accepted(XdsResource resource, List<String> ignoredFields) {
      this(resource, ignoredFields, List.of());
    }
  }

  /**
   * Refused: acting on what we understand of it would not be what its author meant.
   *
   * @param name of the resource, empty where even that could not be read
   * @param reasons each with the path of its field and what was expected there
   */
  record Rejected(String name, List<String> reasons) implements Decoded {
    public Rejected {
      reasons = List.copyOf(reasons);
    }
  }
}
