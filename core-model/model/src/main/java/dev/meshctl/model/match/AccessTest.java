package dev.meshctl.model.match;

import dev.meshctl.model.xds.AccessRules.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A compiled {@link Condition}. What asks about a request matches no connection as such. */
sealed interface AccessTest {

  boolean matches(@Nullable RequestView request, ConnectionFacts connection);

  /**
   * Compiles {@code condition}.
   *
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   * @throws IllegalArgumentException where an address is none
   */
  static AccessTest compile(Condition condition) {
    return switch (condition) {
      case Condition.Always() -> new Always();
      case Condition.All(var of) -> new All(compile(of));
      case Condition.AnyOf(var of) -> anyOf(of);
      case Condition.Not(var of) -> new Not(compile(of));
      case Condition.Header(var match) -> new Header(HeaderTest.compile(match));
      case Condition.UrlPath(var match) -> new UrlPath(ValueTest.compile(match));
      case Condition.DestinationIp(var range) -> new Destination(IpRange.compile(range));
      case Condition.DestinationPort(int first, int end) -> new Port(first, end);
      case Condition.ServerName(var match) -> new ServerName(ValueTest.compile(match));
      case Condition.Authenticated(var name) ->
          new Authenticated(name.map(ValueTest::compile).orElse(null));
      case Condition.SourceIp(var which, var range) ->
          switch (which) {
            case CONNECTION -> new Source(IpRange.compile(range));
            case DIRECT -> new Direct(IpRange.compile(range));
            case REMOTE -> new Remote(IpRange.compile(range));
          };
    };
  }

  static AccessTest anyOf(List<Condition> conditions) {
    return new AnyOf(compile(conditions));
  }

  private static AccessTest[] compile(List<Condition> conditions) {
    return conditions.stream().map(AccessTest::compile).toArray(AccessTest[]::new);
  }

  /** Everything. */
  final class Always implements AccessTest {
    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return true;
    }
  }

  /** Each of them. */
  final class All implements AccessTest {
    private final AccessTest[] of;

    All(AccessTest[] of) {
      this.of = of;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      for (AccessTest each : of) {
        if (!each.matches(request, connection)) {
          return false;
        }
      }
      return true;
    }
  }

  /** One of them. */
  final class AnyOf implements AccessTest {
    private final AccessTest[] of;

    AnyOf(AccessTest[] of) {
      this.of = of;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      for (AccessTest each : of) {
        if (each.matches(request, connection)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Whatever it does not match. */
  final class Not implements AccessTest {
    private final AccessTest of;

    Not(AccessTest of) {
      this.of = of;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return !of.matches(request, connection);
    }
  }

  /** A header of the request. */
  final class Header implements AccessTest {
    private final HeaderTest test;

    Header(HeaderTest test) {
      this.test = test;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return request != null && test.matches(request);
    }
  }

  /** The path without query and fragment. */
  final class UrlPath implements AccessTest {
    private final ValueTest test;

    UrlPath(ValueTest test) {
      this.test = test;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      if (request == null) {
        return false;
      }
      Bytes path = request.path();
      return test.test(path.array(), path.offset(), RouteIndex.lengthOfPath(path));
    }
  }

  /** Where the connection was meant to go. */
  final class Destination implements AccessTest {
    private final IpRange range;

    Destination(IpRange range) {
      this.range = range;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return range.holds(connection.destination());
    }
  }

  /** The port it was meant for. */
  final class Port implements AccessTest {
    private final int first;
    private final int end;

    Port(int first, int end) {
      this.first = first;
      this.end = end;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return connection.destinationPort() >= first && connection.destinationPort() < end;
    }
  }

  /** SNI. */
  final class ServerName implements AccessTest {
    private final ValueTest test;

    ServerName(ValueTest test) {
      this.test = test;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return passes(test, connection.serverName());
    }
  }

  private static boolean passes(ValueTest test, Bytes value) {
    return test.test(value.array(), value.offset(), value.length());
  }

  /** The client of TLS, by any of its certificate's names. */
  final class Authenticated implements AccessTest {
    private final @Nullable ValueTest name;

    Authenticated(@Nullable ValueTest name) {
      this.name = name;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      if (name == null) {
        return connection.secure();
      }
      List<Bytes> names = connection.names();
      for (int i = 0; i < names.size(); i++) {
        if (passes(name, names.get(i))) {
          return true;
        }
      }
      return false;
    }
  }

  /** The client's address. */
  final class Source implements AccessTest {
    private final IpRange range;

    Source(IpRange range) {
      this.range = range;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return range.holds(connection.source());
    }
  }

  /** Where the connection really comes from. */
  final class Direct implements AccessTest {
    private final IpRange range;

    Direct(IpRange range) {
      this.range = range;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return range.holds(connection.direct());
    }
  }

  /** The client's address, as proxies tell it whose word counts. */
  final class Remote implements AccessTest {
    private final IpRange range;

    Remote(IpRange range) {
      this.range = range;
    }

    @Override
    public boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return range.holds(client(request, connection));
    }

    private static IpNumber client(@Nullable RequestView request, ConnectionFacts connection) {
      String told =
          request == null || connection.clientPlace() < 0
              ? null
              : ForwardedFor.at(request.header("x-forwarded-for"), connection.clientPlace());
      IpNumber address = told == null ? null : IpNumber.parse(told);
      return address == null ? connection.source() : address;
    }
  }
}
