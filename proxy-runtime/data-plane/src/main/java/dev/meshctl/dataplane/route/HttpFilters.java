package dev.meshctl.dataplane.route;

import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * The HTTP filters of a connection manager, compiled, in the order of the configuration.
 *
 * <p>Thread: any; immutable.
 */
public record HttpFilters(List<Access> access) {
  public static final HttpFilters NONE = new HttpFilters(List.of());

  /** An RBAC filter by its name, which routes override it by. */
  public record Access(String name, CompiledAccess rules) {}

  public HttpFilters {
    access = List.copyOf(access);
  }

  /**
   * The filters of {@code config}.
   *
   * @throws IllegalArgumentException where one cannot be compiled, saying why
   */
  public static HttpFilters compile(HttpConnection config) {
    List<Access> access = new ArrayList<>();
    for (HttpFilter filter : config.filters()) {
      switch (filter) {
        case HttpFilter.Access(var name, var control) ->
            access.add(new Access(name, CompiledAccess.compile(control)));
        case HttpFilter.Fault fault -> {}
      }
    }
    return access.isEmpty() ? NONE : new HttpFilters(access);
  }
}
