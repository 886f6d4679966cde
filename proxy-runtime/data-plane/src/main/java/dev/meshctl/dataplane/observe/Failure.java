package dev.meshctl.dataplane.observe;

import static dev.meshctl.dataplane.observe.ResponseFlag.DC;
import static dev.meshctl.dataplane.observe.ResponseFlag.DF;
import static dev.meshctl.dataplane.observe.ResponseFlag.DPE;
import static dev.meshctl.dataplane.observe.ResponseFlag.DT;
import static dev.meshctl.dataplane.observe.ResponseFlag.FI;
import static dev.meshctl.dataplane.observe.ResponseFlag.LH;
import static dev.meshctl.dataplane.observe.ResponseFlag.LR;
import static dev.meshctl.dataplane.observe.ResponseFlag.NC;
import static dev.meshctl.dataplane.observe.ResponseFlag.NR;
import static dev.meshctl.dataplane.observe.ResponseFlag.OM;
import static dev.meshctl.dataplane.observe.ResponseFlag.RL;
import static dev.meshctl.dataplane.observe.ResponseFlag.SI;
import static dev.meshctl.dataplane.observe.ResponseFlag.UAEX;
import static dev.meshctl.dataplane.observe.ResponseFlag.UC;
import static dev.meshctl.dataplane.observe.ResponseFlag.UF;
import static dev.meshctl.dataplane.observe.ResponseFlag.UH;
import static dev.meshctl.dataplane.observe.ResponseFlag.UMSDR;
import static dev.meshctl.dataplane.observe.ResponseFlag.UO;
import static dev.meshctl.dataplane.observe.ResponseFlag.UPE;
import static dev.meshctl.dataplane.observe.ResponseFlag.UR;
import static dev.meshctl.dataplane.observe.ResponseFlag.UT;

/**
 * Every way in which the proxy, not the upstream's answer, ends a request: the one place that says
 * which status, gRPC status, response flag and details go with it. Details are those of Envoy's
 * {@code %RESPONSE_CODE_DETAILS%}.
 *
 * <p>Thread: any.
 */
public sealed interface Failure {

  /** A gRPC status. */
  int DEADLINE_EXCEEDED = 4;

  /** HTTP status of the answer; 0 where nobody is there to answer. */
  int status();

  /** Bits of {@link ResponseFlag}; 0 for none. */
  long flags();

  String details();

  /** What the client is told, in text; empty for nothing. */
  String body();

  /** {@code grpc-status} of the answer to a gRPC request. */
  default int grpcStatus() {
    return grpcStatusOf(status());
  }

  /**
   * The gRPC status of an HTTP status
   * (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
   */
  static int grpcStatusOf(int httpStatus) {
    return switch (httpStatus) {
      case 200 -> 0;
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      default -> 2;
    };
  }

  /** The HTTP status that stands for a gRPC status, as Envoy has it. */
  static int httpStatusOf(int grpcStatus) {
    return switch (grpcStatus) {
      case 0 -> 200;
      case 1 -> 499;
      case 3, 9, 11 -> 400;
      case 4 -> 504;
      case 5 -> 404;
      case 6, 10 -> 409;
      case 7 -> 403;
      case 8 -> 429;
      case 12 -> 501;
      case 14 -> 503;
      case 16 -> 401;
      default -> 500;
    };
  }

  /** Failures that need no more words. */
  enum Plain implements Failure {
    NO_ROUTE(404, NR.bit(), "route_not_found", ""),
    NO_CLUSTER(503, NC.bit(), "cluster_not_found", ""),
    NO_HEALTHY_UPSTREAM(503, UH.bit(), "no_healthy_upstream", "no healthy upstream"),
    /** A circuit breaker let no request through. */
    OVERFLOW(503, UO.bit(), "overflow", Texts.RESET + "overflow"),
    /** The connection ended before the response began. */
    CONNECTION_TERMINATED(
        503,
        UC.bit(),
        Texts.before("connection_termination"),
        Texts.RESET + "connection termination"),
    /** The connection ended inside the response, which is cut off. */
    RESPONSE_CUT_OFF(
        0, UC.bit(), "upstream_reset_after_response_started{connection_termination}", ""),
    UPSTREAM_RESET(503, UR.bit(), Texts.before("remote_reset"), Texts.RESET + "remote reset"),
    UPSTREAM_RESET_LATE(0, UR.bit(), "upstream_reset_after_response_started{remote_reset}", ""),
    /** REFUSED_STREAM or a GOAWAY that left the stream out. */
    STREAM_REFUSED(
        503, UR.bit(), Texts.before("remote_refused_stream_reset"), Texts.RESET + "refused stream"),
    UPSTREAM_PROTOCOL_ERROR(
        502, UPE.bit(), Texts.before("protocol_error"), Texts.RESET + "protocol error"),
    UPSTREAM_TIMEOUT(504, UT.bit(), "response_timeout", "upstream request timeout"),
    PER_TRY_TIMEOUT(504, UT.bit(), "upstream_per_try_timeout", "upstream request timeout"),
    MAX_DURATION(
        504, UMSDR.bit(), "upstream_max_stream_duration_reached", "upstream request timeout"),
    PER_TRY_IDLE(504, UT.bit(), "upstream_per_try_idle_timeout", "upstream request timeout"),
    /** The exchange has lived as long as it may. */
    STREAM_DURATION(408, DT.bit(), "max_duration_timeout", "downstream duration timeout"),
    /** The client has gone. */
    CLIENT_GONE(0, DC.bit(), "downstream_remote_disconnect", ""),
    /** The client has reset its stream. */
    CLIENT_RESET(0, DC.bit(), "http2.remote_reset", ""),
    BAD_REQUEST(400, DPE.bit(), "http1.codec_error", "Bad Request"),
    HEADERS_TOO_LARGE(431, DPE.bit(), "request_headers_too_large", ""),
    VERSION_NOT_SUPPORTED(426, DPE.bit(), "low_version", ""),
    MISSING_HOST(400, DPE.bit(), "missing_host_header", ""),
    BODY_TOO_LARGE(413, 0, "request_payload_too_large", "Payload Too Large"),
    /** The request did not arrive whole in time. */
    REQUEST_TIMEOUT(408, 0, "request_overall_timeout", "request timeout"),
    /** Idle while the request was still coming. */
    IDLE_REQUEST(408, SI.bit(), "stream_idle_timeout", "stream timeout"),
    /** Idle while the response was awaited. */
    IDLE_RESPONSE(504, SI.bit(), "stream_idle_timeout", "stream timeout"),
    RATE_LIMITED(429, RL.bit(), "request_rate_limited", "local_rate_limited"),
    EXTERNALLY_DENIED(403, UAEX.bit(), "ext_authz_denied", ""),
    LOCAL_HEALTH(503, LH.bit(), "health_check_failed", ""),
    LOCAL_RESET(503, LR.bit(), Texts.before("local_reset"), Texts.RESET + "local reset"),
    OVERLOADED(503, OM.bit(), "overload", "envoy overloaded"),
    DNS_FAILED(503, DF.bit(), "dns_resolution_failure", "DNS resolution failure"),
    CONNECT_TIMEOUT(
        503, UF.bit(), Texts.before("connection_timeout"), Texts.RESET + "connection timeout"),
    /** The host takes no extended CONNECT, and so no upgrade over HTTP/2. */
    NO_UPGRADES(
        502,
        UPE.bit(),
        "upstream_without_extended_connect",
        "the upstream takes no extended CONNECT, so no upgrade can be asked of it over HTTP/2"),
    /** The upgrade that was asked for is not allowed here. */
    UPGRADE_REFUSED(403, 0, "upgrade_failed", "");

    private final int status;
    private final long flags;
    private final String details;
    private final String body;

    Plain(int status, long flags, String details, String body) {
      this.status = status;
      this.flags = flags;
      this.details = details;
      this.body = body;
    }

    @Override
    public int status() {
      return status;
    }

    @Override
    public long flags() {
      return flags;
    }

    @Override
    public String details() {
      return details;
    }

    @Override
    public String body() {
      return body;
    }

    @Override
    public int grpcStatus() {
      return this == STREAM_DURATION ? DEADLINE_EXCEEDED : grpcStatusOf(status);
    }
  }

  /**
   * No connection to the upstream, or its TLS handshake failed.
   *
   * @param reason {@code %UPSTREAM_TRANSPORT_FAILURE_REASON%}
   */
  record ConnectFailed(String reason) implements Failure {
    @Override
    public int status() {
      return 503;
    }

    @Override
    public long flags() {
      return UF.bit();
    }

    @Override
    public String details() {
      return Texts.before("remote_connection_failure|" + reason.replace(' ', '_'));
    }

    @Override
    public String body() {
      return Texts.RESET + "remote connection failure, transport failure reason: " + reason;
    }
  }

  /**
   * An injected abort.
   *
   * @param abortGrpcStatus -1 for an HTTP abort; else what it means in HTTP, and this status for a
   *     gRPC client
   */
  record Injected(int abortHttpStatus, int abortGrpcStatus) implements Failure {
    @Override
    public int status() {
      return abortGrpcStatus >= 0 ? httpStatusOf(abortGrpcStatus) : abortHttpStatus;
    }

    @Override
    public int grpcStatus() {
      return abortGrpcStatus >= 0 ? abortGrpcStatus : grpcStatusOf(abortHttpStatus);
    }

    @Override
    public long flags() {
      return FI.bit();
    }

    @Override
    public String details() {
      return "fault_filter_abort";
    }

    @Override
    public String body() {
      return "fault filter abort";
    }
  }

  /**
   * Refused to keep a service, or us, from too much.
   *
   * @param status 400 or more
   */
  record Shed(int status, String details, String body) implements Failure {
    @Override
    public long flags() {
      return 0;
    }
  }

  /** Refused by an authorization policy. */
  record Denied(String policy) implements Failure {
    @Override
    public int status() {
      return 403;
    }

    @Override
    public long flags() {
      return 0;
    }

    @Override
    public String details() {
      return "rbac_access_denied_matched_policy[" + (policy.isEmpty() ? "none" : policy) + "]";
    }

    @Override
    public String body() {
      return "RBAC: access denied";
    }
  }

  /** Wording that several failures share. */
  final class Texts {
    static final String RESET =
        "upstream connect error or disconnect/reset before headers. reset reason: ";

    private Texts() {}

    static String before(String reason) {
      return "upstream_reset_before_response_started{" + reason + "}";
    }
  }
}
