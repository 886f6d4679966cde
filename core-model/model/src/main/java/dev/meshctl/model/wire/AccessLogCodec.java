package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.AccessLog.Format;
import dev.meshctl.model.xds.AccessLog.Sink;
import dev.meshctl.model.xds.AccessLog.Value;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link AccessLog} to and from its message; sinks that we have not are refused by name. */
final class AccessLogCodec {
  private static final KnownFields LOG =
      KnownFields.of(
          io.envoyproxy.envoy.config.accesslog.v3.AccessLog.getDescriptor(),
          "name",
          "filter",
          "typed_config");
  private static final KnownFields FILE =
      KnownFields.of(
          FileAccessLog.getDescriptor(),
          "path",
          "format",
          "json_format",
          "typed_json_format",
          "log_format");
  private static final KnownFields STDOUT =
      KnownFields.of(StdoutAccessLog.getDescriptor(), "log_format");
  private static final KnownFields STDERR =
      KnownFields.of(StderrAccessLog.getDescriptor(), "log_format");
  private static final KnownFields FORMAT =
      KnownFields.of(
              SubstitutionFormatString.getDescriptor(),
              "text_format",
              "text_format_source",
              "json_format")
          .leavingAside("content_type");

  private AccessLogCodec() {}

  static List<io.envoyproxy.envoy.config.accesslog.v3.AccessLog> encode(List<AccessLog> logs) {
    return logs.stream().map(AccessLogCodec::encode).toList();
  }

  private static io.envoyproxy.envoy.config.accesslog.v3.AccessLog encode(AccessLog log) {
    var message = io.envoyproxy.envoy.config.accesslog.v3.AccessLog.newBuilder();
    Optional<SubstitutionFormatString> format = encode(log.format());
    switch (log.sink()) {
      case Sink.File(var path) -> {
        FileAccessLog.Builder file = FileAccessLog.newBuilder().setPath(path);
        format.ifPresent(file::setLogFormat);
        message.setName("envoy.access_loggers.file").setTypedConfig(Packing.pack(file.build()));
      }
      case Sink.Stdout() -> {
        StdoutAccessLog.Builder out = StdoutAccessLog.newBuilder();
        format.ifPresent(out::setLogFormat);
        message.setName("envoy.access_loggers.stdout").setTypedConfig(Packing.pack(out.build()));
      }
      case Sink.Stderr() -> {
        StderrAccessLog.Builder err = StderrAccessLog.newBuilder();
        format.ifPresent(err::setLogFormat);
        message.setName("envoy.access_loggers.stderr").setTypedConfig(Packing.pack(err.build()));
      }
    }
    log.filter().ifPresent(filter -> message.setFilter(LogFilterCodec.encode(filter)));
    return message.build();
  }

  private static Optional<SubstitutionFormatString> encode(Format format) {
    SubstitutionFormatString.Builder message = SubstitutionFormatString.newBuilder();
    return switch (format) {
      case Format.Default() -> Optional.empty();
      case Format.Text(var text) -> {
        message.getTextFormatSourceBuilder().setInlineString(text);
        yield Optional.of(message.build());
      }
      case Format.Json(var members) -> Optional.of(message.setJsonFormat(struct(members)).build());
    };
  }

  private static Struct struct(Value.Members members) {
    Struct.Builder struct = Struct.newBuilder();
    members.members().forEach((name, value) -> struct.putFields(name, value(value)));
    return struct.build();
  }

  private static com.google.protobuf.Value value(Value value) {
    var message = com.google.protobuf.Value.newBuilder();
    switch (value) {
      case Value.Text(var text) -> message.setStringValue(text);
      case Value.Number(var number) -> message.setNumberValue(number);
      case Value.Flag(var flag) -> message.setBoolValue(flag);
      case Value.Null() -> message.setNullValueValue(0);
      case Value.Members members -> message.setStructValue(struct(members));
      case Value.Items(var items) -> {
        var list = message.getListValueBuilder();
        items.forEach(item -> list.addValues(value(item)));
      }
    }
    return message.build();
  }

  static List<AccessLog> decode(
      Reading reading, String path, List<io.envoyproxy.envoy.config.accesslog.v3.AccessLog> logs) {
    List<AccessLog> all = new ArrayList<>();
    for (int i = 0; i < logs.size(); i++) {
      String at = Reading.join(path, "access_log[" + i + "]");
      var message = logs.get(i);
      reading.expect(at, message, LOG);
      Optional<AccessLog.Filter> filter =
          message.hasFilter()
              ? Optional.of(LogFilterCodec.decode(reading, at + ".filter", message.getFilter()))
              : Optional.empty();
      sink(reading, at, message.getName(), message.getTypedConfig())
          .ifPresent(read -> all.add(new AccessLog(read.sink(), read.format(), filter)));
    }
    return all;
  }

  private static Optional<AccessLog> sink(Reading reading, String path, String name, Any config) {
    String at = path + ".typed_config";
    if (Reading.holds(config, StdoutAccessLog.getDescriptor())) {
      return reading
          .unpack(at, config, StdoutAccessLog.getDescriptor(), StdoutAccessLog.parser())
          .map(out -> {
            reading.expect(at, out, STDOUT);
            return log(
                new Sink.Stdout(), format(reading, at, out.hasLogFormat(), out.getLogFormat()));
          });
    }
    if (Reading.holds(config, StderrAccessLog.getDescriptor())) {
      return reading
          .unpack(at, config, StderrAccessLog.getDescriptor(), StderrAccessLog.parser())
          .map(err -> {
            reading.expect(at, err, STDERR);
            return log(
                new Sink.Stderr(), format(reading, at, err.hasLogFormat(), err.getLogFormat()));
          });
    }
    if (Reading.holds(config, FileAccessLog.getDescriptor())) {
      return reading
          .unpack(at, config, FileAccessLog.getDescriptor(), FileAccessLog.parser())
          .map(file -> file(reading, at, file));
    }
    if (Reading.holds(config, HttpGrpcAccessLogConfig.getDescriptor())
        || Reading.holds(config, TcpGrpcAccessLogConfig.getDescriptor())) {
      // Who collects misses our lines; the traffic misses nothing.
      reading.ignore(path);
      return Optional.empty();
    }
    reading.unsupported(
        path,
        (name.isEmpty() ? config.getTypeUrl() : name)
            + " (expected: envoy.access_loggers.file, .stdout or .stderr)");
    return Optional.empty();
  }

  private static AccessLog log(Sink sink, Format format) {
    return new AccessLog(sink, format, Optional.empty());
  }

  @SuppressWarnings("deprecation") // Older configurations say it so.
  private static AccessLog file(Reading reading, String path, FileAccessLog file) {
    reading.expect(path, file, FILE);
    Format format =
        switch (file.getAccessLogFormatCase()) {
          case FORMAT -> text(file.getFormat());
          case JSON_FORMAT -> new Format.Json(members(file.getJsonFormat()));
          case TYPED_JSON_FORMAT -> new Format.Json(members(file.getTypedJsonFormat()));
          case LOG_FORMAT -> format(reading, path, true, file.getLogFormat());
          case ACCESSLOGFORMAT_NOT_SET -> new Format.Default();
        };
    return log(sink(file.getPath()), format);
  }

  /** The two files that are streams of the process. */
  private static Sink sink(String path) {
    return switch (path) {
      case "/dev/stdout" -> new Sink.Stdout();
      case "/dev/stderr" -> new Sink.Stderr();
      default -> new Sink.File(path);
    };
  }

  private static Format text(String text) {
    return text.isEmpty() ? new Format.Default() : new Format.Text(text);
  }

  @SuppressWarnings("deprecation") // Older configurations say it so.
  private static Format format(
      Reading reading, String path, boolean set, SubstitutionFormatString message) {
    if (!set) {
      return new Format.Default();
    }
    String at = path + ".log_format";
    reading.expect(at, message, FORMAT);
    return switch (message.getFormatCase()) {
      case TEXT_FORMAT -> text(message.getTextFormat());
      case TEXT_FORMAT_SOURCE ->
          text(reading.text(at + ".text_format_source", message.getTextFormatSource()));
      case JSON_FORMAT -> new Format.Json(members(message.getJsonFormat()));
      case FORMAT_NOT_SET -> new Format.Default();
    };
  }

  private static Value.Members members(Struct struct) {
    Map<String, Value> members = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((name, value) -> members.put(name, value(value)));
    return new Value.Members(members);
  }

  private static Value value(com.google.protobuf.Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> new Value.Text(value.getStringValue());
      case NUMBER_VALUE -> new Value.Number(value.getNumberValue());
      case BOOL_VALUE -> new Value.Flag(value.getBoolValue());
      case STRUCT_VALUE -> members(value.getStructValue());
      case LIST_VALUE ->
          new Value.Items(
              value.getListValue().getValuesList().stream().map(AccessLogCodec::value).toList());
      case NULL_VALUE, KIND_NOT_SET -> new Value.Null();
    };
  }
}
