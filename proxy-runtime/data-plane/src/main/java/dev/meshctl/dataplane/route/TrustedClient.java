package dev.meshctl.dataplane.route;

import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.match.ForwardedFor;
import dev.meshctl.model.match.RequestView;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Who the client is, where proxies before us say so and are to be believed.
 *
 * <p>Thread: any; stateless.
 */
final class TrustedClient {
  private TrustedClient() {}

  /** The client's address; null where it is the connection's own. */
  static @Nullable String told(ConnectionFacts facts, RequestView request) {
    int place = facts.clientPlace();
    String told = place < 0 ? null : ForwardedFor.at(request.header("x-forwarded-for"), place);
    return told != null && NetUtil.createByteArrayFromIpAddressString(told) != null ? told : null;
  }
}
