package dev.meshctl.model.xds;

import dev.meshctl.model.xds.route.HeaderMatch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code envoy.config.accesslog.v3.AccessLog}: where a line for each exchange or connection goes,
 * and how it reads.
 *
 * @param filter which are told, all where empty
 */
public record AccessLog(Sink sink, Format format, Optional<Filter> filter) {
  /** All exchanges, to standard output, in Envoy's default format. */
  public static final AccessLog STDOUT =
      new AccessLog(new Sink.Stdout(), new Format.Default(), Optional.empty());

  /** Where it goes. */
  public sealed interface Sink {
    /** Lines are appended. */
    record File(String path) implements Sink {}

    record Stdout() implements Sink {}

    record Stderr() implements Sink {}
  }

  /** How a line reads. */
  public sealed interface Format {
    /** Envoy's own. */
    record Default() implements Format {
      /** How it is written, where it is written down. */
      public static final String TEXT =
          "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
              + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
              + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
              + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
              + " \"%UPSTREAM_HOST%\"\n";
    }

    /** Text with {@code %OPERATORS%}; a line feed is not added. */
    record Text(String text) implements Format {}

    /** An object whose texts may hold operators; one a line. */
    record Json(Value.Members members) implements Format {}
  }

  /** A value of a JSON format. */
  public sealed interface Value {
    /** May hold operators. */
    record Text(String text) implements Value {}

    record Number(double number) implements Value {}

    record Flag(boolean flag) implements Value {}

    record Null() implements Value {}

    record Members(Map<String, Value> members) implements Value {
      public Members {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
      }
    }

    record Items(List<Value> items) implements Value {
      public Items {
        items = List.copyOf(items);
      }
    }
  }

  /** {@code op} of a {@code ComparisonFilter}. */
  public enum Comparison {
    EQ,
    GE,
    LE
  }

  /** {@code AccessLogFilter}. */
  public sealed interface Filter {
    record Status(Comparison comparison, int status) implements Filter {}

    /** Of the whole, in milliseconds. */
    record Millis(Comparison comparison, int millis) implements Filter {}

    /** True for all: none of our filters answers health checks. */
    record NotHealthCheck() implements Filter {}

    /** So many in a hundred. */
    record Percentage(double percentage) implements Filter {}

    record Header(HeaderMatch match) implements Filter {}

    /** Any of these flags; any at all where empty. */
    record Flags(Set<String> flags) implements Filter {
      public Flags {
        flags = Set.copyOf(flags);
      }
    }

    /** A gRPC status by number; {@code exclude} turns it round. */
    record GrpcStatus(Set<Integer> statuses, boolean exclude) implements Filter {
      public GrpcStatus {
        statuses = Set.copyOf(statuses);
      }
    }

    record All(List<Filter> filters) implements Filter {
      public All {
        filters = List.copyOf(filters);
      }
    }

    record Any(List<Filter> filters) implements Filter {
      public Any {
        filters = List.copyOf(filters);
      }
    }
  }
}
