package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledCors;
import dev.meshctl.model.xds.route.CorsPolicy;

/** The headers by which a browser is told what another origin may do. */
final class CorsAnswers {
  private CorsAnswers() {}

  /** What the answer to the request itself carries. */
  static void toRequest(CompiledCors cors, String origin, ResponseHead response) {
    CorsPolicy policy = cors.config();
    origin(policy, origin, response);
    set(response, "access-control-expose-headers", policy.exposeHeaders());
  }

  /** What the answer to the question before it carries. */
  static void toPreflight(Exchange exchange, CompiledCors cors, String origin) {
    CorsPolicy policy = cors.config();
    ResponseHead response = exchange.worker().resources().responseHead();
    response.status(200);
    origin(policy, origin, response);
    set(response, "access-control-allow-methods", policy.allowMethods());
    set(response, "access-control-allow-headers", policy.allowHeaders());
    set(response, "access-control-max-age", policy.maxAge());
    Bytes asked = exchange.head().header("access-control-request-private-network");
    if (policy.allowPrivateNetwork() && asked != null && CharSequence.compare(asked, "true") == 0) {
      response.set("access-control-allow-private-network", "true");
    }
    exchange.answers().head(response);
  }

  private static void origin(CorsPolicy policy, String origin, ResponseHead response) {
    response.set("access-control-allow-origin", origin);
    if (policy.allowCredentials()) {
      response.set("access-control-allow-credentials", "true");
    }
  }

  private static void set(ResponseHead response, String name, String value) {
    if (!value.isEmpty()) {
      response.set(name, value);
    }
  }
}
