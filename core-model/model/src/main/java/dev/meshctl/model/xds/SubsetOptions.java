package dev.meshctl.model.xds;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code LbSubsetConfig}: routes choose among hosts by labels.
 *
 * @param fallback for routes without labels, or whose labels are those of no selector or of no host
 * @param defaultSubset labels of the hosts of {@link Fallback.DefaultSubset}
 * @param localities how their weights count within subsets
 * @param panicAny where the hosts to fall back to are none, any host is used
 * @param listAsAny an endpoint's list has each of its elements
 */
public record SubsetOptions(
    Fallback fallback,
    Labels defaultSubset,
    List<Selector> selectors,
    Localities localities,
    boolean panicAny,
    boolean listAsAny) {
  public SubsetOptions {
    selectors = List.copyOf(selectors);
  }

  /** With {@code fallback}, by one set of keys. */
  public static SubsetOptions by(Fallback fallback, String... keys) {
    return new SubsetOptions(
        fallback,
        Labels.NONE,
        List.of(new Selector(Set.of(keys), Optional.empty(), false)),
        Localities.UNWEIGHTED,
        false,
        false);
  }

  /**
   * {@code LbSubsetSelector}.
   *
   * @param keys of the labels that routes may choose by, all of them together
   * @param fallback in place of the general one; empty for that
   * @param singleHost the keys (one) say which host: the first that has the value
   */
  public record Selector(Set<String> keys, Optional<Fallback> fallback, boolean singleHost) {
    public Selector {
      keys = Set.copyOf(keys);
    }
  }

  /** Who is chosen in place of a subset that has no host. */
  public sealed interface Fallback {
    /** Nobody. */
    record None() implements Fallback {}

    /** Any host, whatever its labels. */
    record AnyEndpoint() implements Fallback {}

    /** Those with the labels of the default subset. */
    record DefaultSubset() implements Fallback {}

    /** Those that some of the labels asked for; of selectors only. */
    record FewerKeys(Set<String> keys) implements Fallback {
      public FewerKeys {
        keys = Set.copyOf(keys);
      }
    }
  }

  /** Whether weights of localities count among the hosts of a subset. */
  public enum Localities {
    /** They do not. */
    UNWEIGHTED,
    /** {@code locality_weight_aware}. */
    WEIGHTED,
    /** {@code scale_locality_weight}: in proportion to the hosts that are in the subset. */
    SCALED
  }
}
