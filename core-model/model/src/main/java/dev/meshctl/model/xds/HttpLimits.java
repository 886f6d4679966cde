package dev.meshctl.model.xds;

/**
 * What one HTTP connection may cost, on either side of the proxy.
 *
 * @param headKib of a head, start line included, 1 to {@value #MOST_HEAD_KIB}: {@code
 *     max_request_headers_kb}, {@code max_response_headers_kb}
 * @param fields of a head, and of trailers, 1 or more: {@code max_headers_count}
 * @param requests after which the connection ends, 0 is without limit: {@code
 *     max_requests_per_connection}
 */
public record HttpLimits(int headKib, int fields, int requests, Http2 http2) {
  public static final int MOST_HEAD_KIB = 8192;

  /** Envoy's, where it has a limit; ours for HTTP/2. */
  public static final HttpLimits DEFAULT = new HttpLimits(60, 100, 0, Http2.DEFAULT);

  /**
   * {@code Http2ProtocolOptions}.
   *
   * @param streams at a time: those a client may open, those we open ourselves
   * @param streamWindowBytes of a body under way to us that nobody has read, 65,535 or more
   * @param connectionWindowBytes the same for all streams together, 65,535 or more
   * @param tableBytes of header compression that the peer may use
   * @param connect {@code allow_connect}: clients may leave HTTP by extended CONNECT (RFC 8441)
   */
  public record Http2(
      int streams,
      int streamWindowBytes,
      int connectionWindowBytes,
      int tableBytes,
      boolean connect) {
    public static final int LEAST_WINDOW_BYTES = 65_535;
    public static final Http2 DEFAULT = new Http2(100, 256 * 1024, 1024 * 1024, 4096);

    /** Without extended CONNECT. */
    public Http2(int streams, int streamWindowBytes, int connectionWindowBytes, int tableBytes) {
      this(streams, streamWindowBytes, connectionWindowBytes, tableBytes, false);
    }

    /** The same with extended CONNECT. */
    public Http2 withConnect() {
      return new Http2(streams, streamWindowBytes, connectionWindowBytes, tableBytes, true);
    }
  }

  /** The same with extended CONNECT. */
  public HttpLimits withConnect() {
    return new HttpLimits(headKib, fields, requests, http2.withConnect());
  }

  public int headBytes() {
    return headKib * 1024;
  }
}
