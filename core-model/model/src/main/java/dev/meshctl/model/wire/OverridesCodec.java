package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.Fault;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code typed_per_filter_config} of tables, virtual hosts and routes. What configures a filter
 * that we do not know is refused by name.
 */
final class OverridesCodec {
  private static final KnownFields FILTER =
      KnownFields.of(FilterConfig.getDescriptor(), "config", "is_optional", "disabled");

  private static final Descriptor CORS =
      io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy.getDescriptor();

  private OverridesCodec() {}

  /** What was read; a fault stands on routes only. */
  record Read(FilterOverrides overrides, Optional<Fault> fault) {}

  static Map<String, Any> encode(FilterOverrides overrides) {
    Map<String, Any> encoded = new HashMap<>();
    overrides
        .access()
        .forEach((filter, control) ->
            encoded.put(
                filter,
                Packing.pack(
                    RBACPerRoute.newBuilder().setRbac(AccessCodec.encodeHttp(control)).build())));
    overrides
        .cors()
        .forEach((filter, policy) -> encoded.put(filter, Packing.pack(CorsCodec.encode(policy))));
    return encoded;
  }

  static Read decode(Reading reading, String path, Map<String, Any> perFilter) {
    Map<String, AccessControl> access = new HashMap<>();
    Map<String, CorsPolicy> cors = new HashMap<>();
    Optional<Fault> fault = Optional.empty();
    for (Map.Entry<String, Any> entry : perFilter.entrySet()) {
      String at = path + "typed_per_filter_config[" + entry.getKey() + "]";
      Any any = entry.getValue();
      if (Reading.holds(any, FilterConfig.getDescriptor())) {
        Optional<Any> inner = unwrap(reading, at, any);
        if (inner.isEmpty()) {
          continue;
        }
        any = inner.get();
      }
      if (Reading.holds(any, HTTPFault.getDescriptor())) {
        fault = FaultCodec.decode(reading, at, any);
      } else if (Reading.holds(any, RBACPerRoute.getDescriptor())) {
        reading
            .unpack(at, any, RBACPerRoute.getDescriptor(), RBACPerRoute.parser())
            .ifPresent(message ->
                access.put(
                    entry.getKey(),
                    // "If absent, RBAC is disabled for this route" (proto comment).
                    message.hasRbac()
                        ? AccessCodec.decode(reading, at + ".rbac", message.getRbac())
                        : AccessControl.NONE));
      } else if (Reading.holds(any, CORS)) {
        reading
            .unpack(
                at,
                any,
                CORS,
                io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy.parser())
            .ifPresent(message -> cors.put(entry.getKey(), CorsCodec.decode(reading, at, message)));
      } else {
        reading.refuse(at, any.getTypeUrl() + " (expected: HTTPFault, RBACPerRoute or CorsPolicy)");
      }
    }
    return new Read(new FilterOverrides(access, cors), fault);
  }

  private static Optional<Any> unwrap(Reading reading, String path, Any any) {
    Optional<FilterConfig> read =
        reading.unpack(path, any, FilterConfig.getDescriptor(), FilterConfig.parser());
    if (read.isEmpty()) {
      return Optional.empty();
    }
    FilterConfig filter = read.get();
    reading.expect(path, filter, FILTER);
    if (filter.getDisabled()) {
      // Which filter that is shows only in the listener; not to disable it would be the wrong way.
      reading.refuse(path + ".disabled", "true (expected: not set)");
      return Optional.empty();
    }
    return Optional.of(filter.getConfig());
  }
}
