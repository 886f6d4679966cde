package dev.meshctl.dataplane.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counters of one event loop in one scope: plain longs that only the loop writes and any thread may
 * read, each value whole and never older than the reader's last.
 *
 * <p>Thread: written by one event loop; read by any.
 */
public final class LoopCounters {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Keeps two loops' counters off one cache line. */
  private static final int PADDING = 8;

  private final long[] values = new long[PADDING + Counter.values().length + PADDING];

  private final TimeBuckets times = new TimeBuckets();

  /** Whose counter it is; in Envoy's names, what stands before it. */
  public enum Scope {
    /** {@code listener.ADDRESS.}. */
    LISTENER,
    /** {@code http.PREFIX.}. */
    HTTP,
    /** {@code cluster.NAME.}. */
    CLUSTER,
    /** Nothing. */
    PROXY
  }

  /** What is counted, named as Envoy names it. */
  public enum Counter {
    DOWNSTREAM_CX_TOTAL(Scope.LISTENER, "downstream_cx_total", false),
    DOWNSTREAM_CX_ACTIVE(Scope.LISTENER, "downstream_cx_active", true),
    DOWNSTREAM_PRE_CX_TIMEOUT(Scope.LISTENER, "downstream_pre_cx_timeout", false),
    DOWNSTREAM_GLOBAL_CX_OVERFLOW(Scope.LISTENER, "downstream_global_cx_overflow", false),
    OVERLOAD_CX_REJECTED(Scope.LISTENER, "downstream_cx_overload_reject", false),
    NO_FILTER_CHAIN(Scope.LISTENER, "no_filter_chain_match", false),
    TLS_HANDSHAKE(Scope.LISTENER, "ssl.handshake", false),
    TLS_HANDSHAKE_FAILED(Scope.LISTENER, "ssl.connection_error", false),
    HTTP_CX_TOTAL(Scope.HTTP, "downstream_cx_total", false),
    HTTP_CX_ACTIVE(Scope.HTTP, "downstream_cx_active", true),
    HTTP_CX_SSL_TOTAL(Scope.HTTP, "downstream_cx_ssl_total", false),
    OVERLOAD_KEEPALIVE_DISABLED(Scope.HTTP, "downstream_cx_overload_disable_keepalive", false),
    OVERLOAD_RQ_SHED(Scope.HTTP, "downstream_rq_overload_close", false),
    DOWNSTREAM_RQ_TOTAL(Scope.HTTP, "downstream_rq_total", false),
    DOWNSTREAM_RQ_ACTIVE(Scope.HTTP, "downstream_rq_active", true),
    DOWNSTREAM_RQ_1XX(Scope.HTTP, "downstream_rq_1xx", false),
    DOWNSTREAM_RQ_2XX(Scope.HTTP, "downstream_rq_2xx", false),
    DOWNSTREAM_RQ_3XX(Scope.HTTP, "downstream_rq_3xx", false),
    DOWNSTREAM_RQ_4XX(Scope.HTTP, "downstream_rq_4xx", false),
    DOWNSTREAM_RQ_5XX(Scope.HTTP, "downstream_rq_5xx", false),
    NO_ROUTE(Scope.HTTP, "no_route", false),
    NO_CLUSTER(Scope.HTTP, "no_cluster", false),
    RBAC_ALLOWED(Scope.HTTP, "rbac.allowed", false),
    RBAC_DENIED(Scope.HTTP, "rbac.denied", false),
    RBAC_SHADOW_ALLOWED(Scope.HTTP, "rbac.shadow_allowed", false),
    RBAC_SHADOW_DENIED(Scope.HTTP, "rbac.shadow_denied", false),
    UPSTREAM_CX_TOTAL(Scope.CLUSTER, "upstream_cx_total", false),
    UPSTREAM_CX_CONNECT_FAIL(Scope.CLUSTER, "upstream_cx_connect_fail", false),
    UPSTREAM_RQ_1XX(Scope.CLUSTER, "upstream_rq_1xx", false),
    UPSTREAM_RQ_2XX(Scope.CLUSTER, "upstream_rq_2xx", false),
    UPSTREAM_RQ_3XX(Scope.CLUSTER, "upstream_rq_3xx", false),
    UPSTREAM_RQ_4XX(Scope.CLUSTER, "upstream_rq_4xx", false),
    UPSTREAM_RQ_5XX(Scope.CLUSTER, "upstream_rq_5xx", false),
    UPSTREAM_RQ_RETRY(Scope.CLUSTER, "upstream_rq_retry", false),
    UPSTREAM_RQ_RETRY_SUCCESS(Scope.CLUSTER, "upstream_rq_retry_success", false),
    UPSTREAM_RQ_TIMEOUT(Scope.CLUSTER, "upstream_rq_timeout", false),
    UPSTREAM_RQ_PER_TRY_TIMEOUT(Scope.CLUSTER, "upstream_rq_per_try_timeout", false),
    NETWORK_RBAC_ALLOWED(Scope.PROXY, "rbac.allowed", false),
    NETWORK_RBAC_DENIED(Scope.PROXY, "rbac.denied", false),
    NETWORK_RBAC_SHADOW_ALLOWED(Scope.PROXY, "rbac.shadow_allowed", false),
    NETWORK_RBAC_SHADOW_DENIED(Scope.PROXY, "rbac.shadow_denied", false),
    DNS_QUERIES(Scope.PROXY, "dns_queries_total", false),
    DNS_FORWARDED(Scope.PROXY, "dns_forwarded_total", false),
    DNS_FAILED(Scope.PROXY, "dns_failed_total", false);

    private final Scope scope;
    private final String text;
    private final boolean gauge;

    Counter(Scope scope, String text, boolean gauge) {
      this.scope = scope;
      this.text = text;
      this.gauge = gauge;
    }

    public Scope scope() {
      return scope;
    }

    /** Without what the scope puts before it. */
    public String text() {
      return text;
    }

    /** Goes down too. */
    public boolean isGauge() {
      return gauge;
    }

    /** The counter of a cluster's answers of the class of {@code status}, 100 to 599. */
    public static Counter ofUpstreamStatus(int status) {
      return switch (status / 100) {
        case 1 -> UPSTREAM_RQ_1XX;
        case 2 -> UPSTREAM_RQ_2XX;
        case 3 -> UPSTREAM_RQ_3XX;
        case 4 -> UPSTREAM_RQ_4XX;
        default -> UPSTREAM_RQ_5XX;
      };
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

  /** How long what is counted here took. */
  public TimeBuckets times() {
    return times;
  }
}
