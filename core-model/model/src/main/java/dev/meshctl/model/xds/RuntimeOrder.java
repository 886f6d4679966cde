package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Which runtime a proxy is to run: a resource of ours, one a proxy, asked for only by proxies that
 * can replace their runtime.
 *
 * @param generation grows with each order for this proxy, from 1; one that was followed is not
 *     followed again, and whoever runs the target already has followed it at once
 * @param patch that this is part of, for people and events
 */
public record RuntimeOrder(long generation, String patch, Target target, Limits limits)
    implements XdsResource {
  /** The name of the one order a proxy has. */
  public static final String NAME = "runtime";

  public RuntimeOrder {
    if (generation < 1) {
      throw new IllegalArgumentException("generation: " + generation + " (expected: 1 or more)");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  /** What is to run. */
  public sealed interface Target {
    /**
     * A bundle that the control plane has.
     *
     * @param version for people, and for the rule that a version does not go down
     * @param digest SHA-256 of its manifest, 64 hexadecimal digits in lower case: what is fetched
     *     and verified by
     * @param rollback the version may be lower than the running one, where this proxy ran it before
     */
    record Bundle(String version, String digest, boolean rollback) implements Target {
      private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

      public Bundle {
        if (!DIGEST.matcher(digest).matches()) {
          throw new IllegalArgumentException(
              "digest: '" + digest + "' (expected: 64 hexadecimal digits)");
        }
      }
    }

    /**
     * The runtime that came with the image or installation.
     *
     * @param version for people; may be empty where nobody has told
     */
    record Shipped(String version) implements Target {}
  }

  /**
   * How long things may take.
   *
   * @param ready from the start of the new process until it serves; positive
   * @param drain longest that the old process stays for connections that do not end; zero breaks
   *     them off
   * @param watch for which the old one is brought back if the new one dies; zero for not at all
   */
  public record Limits(Duration ready, Duration drain, Duration watch) {
    public static final Limits DEFAULT =
        new Limits(Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofSeconds(30));

    public Limits {
      if (ready.isNegative() || ready.isZero()) {
        throw new IllegalArgumentException("ready: " + ready + " (expected: above 0)");
      }
      if (drain.isNegative() || watch.isNegative()) {
        throw new IllegalArgumentException(
            "drain: " + drain + ", watch: " + watch + " (expected: 0 or more)");
      }
    }
  }
}
