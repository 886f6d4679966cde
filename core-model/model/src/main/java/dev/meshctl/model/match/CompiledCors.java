package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link CorsPolicy}: which origins may read the answers of a route (Fetch standard,
 * 3.2).
 *
 * <p>Thread: any.
 */
public final class CompiledCors {
  private static final ValueMatch ANY = new ValueMatch.Exact("*");

  private final CorsPolicy config;
  private final List<ValueTest> origins;
  private final Chance enabled;

  CompiledCors(CorsPolicy config) {
    this.config = config;
    this.origins = config.allowOrigin().stream().map(ValueTest::compile).toList();
    this.enabled = Chance.ofPercentage(config.percentage().orElse(100.0));
  }

  public CorsPolicy config() {
    return config;
  }

  /** How often it holds. */
  public Chance enabled() {
    return enabled;
  }

  /** The origin of {@code request}, where it is allowed; null where not, or where there is none. */
  public @Nullable String allowed(RequestView request) {
    Bytes origin = request.header("origin");
    if (origin == null || origin.length() == 0) {
      return null;
    }
    for (ValueTest test : origins) {
      if (test.test(origin.array(), origin.offset(), origin.length())) {
        return origin.toString();
      }
    }
    // Envoy takes a match on a lone star for any origin.
    return config.allowOrigin().contains(ANY) ? origin.toString() : null;
  }

  /** It only asks whether another may be sent. */
  public static boolean isPreflight(RequestView request) {
    Bytes asked = request.header("access-control-request-method");
    return asked != null
        && asked.length() > 0
        && CharSequence.compare(request.method(), "OPTIONS") == 0;
  }
}
