package dev.meshctl.model.xds;

import java.time.Duration;

/**
 * Settings of an HTTP connection manager that most leave as they are.
 *
 * @param headersTimeout {@code request_headers_timeout}: for a head to arrive once it has begun,
 *     zero is off
 * @param server what becomes of the {@code server} header of responses
 * @param upgrades {@code upgrade_configs}
 * @param via appended to the {@code via} header of requests and responses, empty for nothing
 */
public record HttpOptions(
    HttpLimits limits,
    Duration headersTimeout,
    ClientAddress client,
    Server server,
    Upgrades upgrades,
    String via) {
  /** Ours, where none is set: Envoy has none. */
  public static final Duration DEFAULT_HEADERS_TIMEOUT = Duration.ofSeconds(60);

  public static final HttpOptions DEFAULT =
      new HttpOptions(
          HttpLimits.DEFAULT,
          DEFAULT_HEADERS_TIMEOUT,
          ClientAddress.DEFAULT,
          new Server(ServerHeader.PASS_THROUGH, ""),
          Upgrades.WEB_SOCKET,
          "");

  /** {@code server_header_transformation}. */
  public enum ServerHeader {
    OVERWRITE,
    APPEND_IF_ABSENT,
    PASS_THROUGH
  }

  /**
   * The {@code server} header of responses.
   *
   * @param name {@code server_name}
   */
  public record Server(ServerHeader change, String name) {}

  /**
   * Whose address counts as the client's.
   *
   * @param direct {@code use_remote_address}: the connection comes from the client itself, or from
   *     a proxy that we trust
   * @param trustedHops {@code xff_num_trusted_hops}: proxies before us whose word on {@code
   *     x-forwarded-for} counts
   * @param skipAppend {@code skip_xff_append}
   */
  public record ClientAddress(boolean direct, int trustedHops, boolean skipAppend) {
    public static final ClientAddress DEFAULT = new ClientAddress(false, 0, false);
    public static final ClientAddress FROM_OUTSIDE = new ClientAddress(true, 0, false);

    /** The connection's own address is appended to {@code x-forwarded-for}. */
    public boolean appends() {
      return direct && !skipAppend;
    }

    /**
     * Where the client's address stands in {@code x-forwarded-for} once ours is appended: 0 is the
     * last; -1 where the connection's own address is the client's.
     */
    public int place() {
      if (!direct) {
        return trustedHops;
      }
      if (trustedHops == 0) {
        return -1;
      }
      return skipAppend ? trustedHops - 1 : trustedHops;
    }
  }

  public HttpOptions withLimits(HttpLimits other) {
    return new HttpOptions(other, headersTimeout, client, server, upgrades, via);
  }

  public HttpOptions withHeadersTimeout(Duration other) {
    return new HttpOptions(limits, other, client, server, upgrades, via);
  }

  public HttpOptions withClient(ClientAddress other) {
    return new HttpOptions(limits, headersTimeout, other, server, upgrades, via);
  }

  public HttpOptions withServer(Server other) {
    return new HttpOptions(limits, headersTimeout, client, other, upgrades, via);
  }

  public HttpOptions withUpgrades(Upgrades other) {
    return new HttpOptions(limits, headersTimeout, client, server, other, via);
  }

  public HttpOptions withVia(String other) {
    return new HttpOptions(limits, headersTimeout, client, server, upgrades, other);
  }
}
