package dev.meshctl.dataplane.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counters of one event loop: plain longs that only the loop writes and any thread may read, each
 * value whole and never older than the reader's last.
 *
 * <p>Thread: written by one event loop; read by any.
 */
public final class LoopCounters {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Keeps two loops' counters off one cache line. */
  private static final int PADDING = 8;

  private final long[] values = new long[PADDING + Counter.values().length + PADDING];

  /** What is counted, named as Envoy names it. */
  public enum Counter {
    DOWNSTREAM_CX_TOTAL("downstream_cx_total", false),
    DOWNSTREAM_CX_ACTIVE("downstream_cx_active", true),
    DOWNSTREAM_CX_SSL_TOTAL("downstream_cx_ssl_total", false),
    DOWNSTREAM_PRE_CX_TIMEOUT("downstream_pre_cx_timeout", false),
    DOWNSTREAM_GLOBAL_CX_OVERFLOW("downstream_global_cx_overflow", false),
    OVERLOAD_CX_REJECTED("downstream_cx_overload_reject", false),
    OVERLOAD_KEEPALIVE_DISABLED("downstream_cx_overload_disable_keepalive", false),
    OVERLOAD_RQ_SHED("downstream_rq_overload_close", false),
    DOWNSTREAM_CX_PROTOCOL_ERROR("downstream_cx_protocol_error", false),
    DOWNSTREAM_RQ_TOTAL("downstream_rq_total", false),
    DOWNSTREAM_RQ_ACTIVE("downstream_rq_active", true),
    DOWNSTREAM_RQ_1XX("downstream_rq_1xx", false),
    DOWNSTREAM_RQ_2XX("downstream_rq_2xx", false),
    DOWNSTREAM_RQ_3XX("downstream_rq_3xx", false),
    DOWNSTREAM_RQ_4XX("downstream_rq_4xx", false),
    DOWNSTREAM_RQ_5XX("downstream_rq_5xx", false),
    DOWNSTREAM_RQ_TIMEOUT("downstream_rq_timeout", false),
    DOWNSTREAM_RX_BYTES("downstream_cx_rx_bytes_total", false),
    DOWNSTREAM_TX_BYTES("downstream_cx_tx_bytes_total", false),
    NO_ROUTE("no_route", false),
    NO_CLUSTER("no_cluster", false),
    UPSTREAM_CX_TOTAL("upstream_cx_total", false),
    UPSTREAM_CX_ACTIVE("upstream_cx_active", true),
    UPSTREAM_CX_CONNECT_FAIL("upstream_cx_connect_fail", false),
    UPSTREAM_RQ_RETRY("upstream_rq_retry", false),
    UPSTREAM_RQ_RETRY_SUCCESS("upstream_rq_retry_success", false),
    UPSTREAM_RQ_RETRY_OVERFLOW("upstream_rq_retry_overflow", false),
    UPSTREAM_RQ_TIMEOUT("upstream_rq_timeout", false),
    TLS_HANDSHAKE_FAILED("ssl_connection_error", false),
    RBAC_ALLOWED("rbac_allowed", false),
    RBAC_DENIED("rbac_denied", false),
    RBAC_SHADOW_ALLOWED("rbac_shadow_allowed", false),
    RBAC_SHADOW_DENIED("rbac_shadow_denied", false),
    DNS_QUERIES("dns_queries_total", false),
    DNS_FORWARDED("dns_forwarded_total", false),
    DNS_FAILED("dns_failed_total", false);

    private final String text;
    private final boolean gauge;

    Counter(String text, boolean gauge) {
      this.text = text;
      this.gauge = gauge;
    }

    public String text() {
      return text;
    }

    /** Goes down too. */
    public boolean isGauge() {
      return gauge;
    }

    /** The counter of answers of the class of {@code status}, 100 to 599. */
    public static Counter ofStatus(int status) {
      return switch (status / 100) {
        case 1 -> DOWNSTREAM_RQ_1XX;
        case 2 -> DOWNSTREAM_RQ_2XX;
        case 3 -> DOWNSTREAM_RQ_3XX;
        case 4 -> DOWNSTREAM_RQ_4XX;
        default -> DOWNSTREAM_RQ_5XX;
      };
    }
  }

  /** By the owner alone. */
  public void add(Counter counter, long amount) {
    int at = PADDING + counter.ordinal();
    SLOT.setOpaque(values, at, values[at] + amount);
  }

  /** {@link #add} one. */
  public void count(Counter counter) {
    add(counter, 1);
  }

  public long value(Counter counter) {
    return (long) SLOT.getOpaque(values, PADDING + counter.ordinal());
  }
}
