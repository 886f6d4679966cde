package dev.meshctl.model.wire;

import dev.meshctl.model.xds.AccessLog.Comparison;
import dev.meshctl.model.xds.AccessLog.Filter;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ComparisonFilter;
import io.envoyproxy.envoy.config.accesslog.v3.GrpcStatusFilter;
import io.envoyproxy.envoy.config.accesslog.v3.RuntimeFilter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** {@link Filter} to and from {@code AccessLogFilter}; others are refused by name. */
final class LogFilterCodec {
  private static final KnownFields RUNTIME =
      KnownFields.of(RuntimeFilter.getDescriptor(), "percent_sampled")
          .leavingAside("runtime_key", "use_independent_randomness");

  private LogFilterCodec() {}

  static AccessLogFilter encode(Filter filter) {
    AccessLogFilter.Builder message = AccessLogFilter.newBuilder();
    switch (filter) {
      case Filter.Status(var comparison, var status) ->
          message.getStatusCodeFilterBuilder().setComparison(encode(comparison, status));
      case Filter.Millis(var comparison, var millis) ->
          message.getDurationFilterBuilder().setComparison(encode(comparison, millis));
      case Filter.NotHealthCheck() -> message.getNotHealthCheckFilterBuilder();
      case Filter.Percentage(var percentage) ->
          message.getRuntimeFilterBuilder().setPercentSampled(FaultCodec.percent(percentage));
      case Filter.Header(var match) ->
          message.getHeaderFilterBuilder().setHeader(ValueMatchCodec.encode(match));
      case Filter.Flags(var flags) ->
          message.getResponseFlagFilterBuilder().addAllFlags(new TreeSet<>(flags));
      case Filter.GrpcStatus(var statuses, var exclude) -> {
        message.getGrpcStatusFilterBuilder().setExclude(exclude);
        new TreeSet<>(statuses)
            .forEach(status -> message.getGrpcStatusFilterBuilder().addStatusesValue(status));
      }
      case Filter.All(var filters) ->
          filters.forEach(each -> message.getAndFilterBuilder().addFilters(encode(each)));
      case Filter.Any(var filters) ->
          filters.forEach(each -> message.getOrFilterBuilder().addFilters(encode(each)));
    }
    return message.build();
  }

  private static ComparisonFilter encode(Comparison comparison, int value) {
    ComparisonFilter.Builder message =
        ComparisonFilter.newBuilder()
            .setOp(
                switch (comparison) {
                  case EQ -> ComparisonFilter.Op.EQ;
                  case GE -> ComparisonFilter.Op.GE;
                  case LE -> ComparisonFilter.Op.LE;
                });
    // A value without a key is refused by Envoy.
    message.getValueBuilder().setDefaultValue(value).setRuntimeKey("access_log.unused");
    return message.build();
  }

  static Filter decode(Reading reading, String path, AccessLogFilter message) {
    return switch (message.getFilterSpecifierCase()) {
      case STATUS_CODE_FILTER -> {
        ComparisonFilter comparison = message.getStatusCodeFilter().getComparison();
        yield new Filter.Status(
            comparison(reading, path + ".status_code_filter", comparison), value(comparison));
      }
      case DURATION_FILTER -> {
        ComparisonFilter comparison = message.getDurationFilter().getComparison();
        yield new Filter.Millis(
            comparison(reading, path + ".duration_filter", comparison), value(comparison));
      }
      case NOT_HEALTH_CHECK_FILTER -> new Filter.NotHealthCheck();
      case RUNTIME_FILTER -> {
        RuntimeFilter runtime = message.getRuntimeFilter();
        reading.expect(path + ".runtime_filter", runtime, RUNTIME);
        yield new Filter.Percentage(FaultCodec.percent(runtime.getPercentSampled()));
      }
      case HEADER_FILTER ->
          new Filter.Header(
              ValueMatchCodec.header(
                  reading, path + ".header_filter.header", message.getHeaderFilter().getHeader()));
      case RESPONSE_FLAG_FILTER ->
          new Filter.Flags(new LinkedHashSet<>(message.getResponseFlagFilter().getFlagsList()));
      case GRPC_STATUS_FILTER -> {
        GrpcStatusFilter grpc = message.getGrpcStatusFilter();
        Set<Integer> statuses = new LinkedHashSet<>(grpc.getStatusesValueList());
        yield new Filter.GrpcStatus(statuses, grpc.getExclude());
      }
      case AND_FILTER ->
          new Filter.All(
              all(reading, path + ".and_filter", message.getAndFilter().getFiltersList()));
      case OR_FILTER ->
          new Filter.Any(all(reading, path + ".or_filter", message.getOrFilter().getFiltersList()));
      case TRACEABLE_FILTER,
          EXTENSION_FILTER,
          METADATA_FILTER,
          LOG_TYPE_FILTER,
          FILTERSPECIFIER_NOT_SET -> {
        reading.unsupported(
            path,
            message.getFilterSpecifierCase()
                + " is not supported (expected: status_code, duration, not_health_check, runtime,"
                + " header, response_flag, grpc_status, and, or)");
        yield new Filter.NotHealthCheck();
      }
    };
  }

  private static List<Filter> all(Reading reading, String path, List<AccessLogFilter> messages) {
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      filters.add(decode(reading, path + ".filters[" + i + "]", messages.get(i)));
    }
    return filters;
  }

  private static int value(ComparisonFilter message) {
    return Reading.unsigned(message.getValue().getDefaultValue());
  }

  private static Comparison comparison(Reading reading, String path, ComparisonFilter message) {
    return switch (message.getOp()) {
      case EQ -> Comparison.EQ;
      case GE -> Comparison.GE;
      case LE -> Comparison.LE;
      case UNRECOGNIZED -> {
        reading.refuse(path + ".comparison.op", "unknown (expected: EQ, GE or LE)");
        yield Comparison.EQ;
      }
    };
  }
}
