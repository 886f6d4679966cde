package dev.meshctl.model.wire;

import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import java.util.List;

/** Access log on standard output, or none; other sinks are ignored by name. */
final class AccessLogCodec {
  static final AccessLog STDOUT =
      AccessLog.newBuilder()
          .setName("envoy.access_loggers.stdout")
          .setTypedConfig(Packing.pack(StdoutAccessLog.getDefaultInstance()))
          .build();

  static final String STDOUT_PATH = "/dev/stdout";

  /** Lines have the one format that we write. */
  private static final KnownFields FILE =
      KnownFields.of(FileAccessLog.getDescriptor(), "path")
          .leavingAside("format", "json_format", "typed_json_format", "log_format");

  private AccessLogCodec() {}

  static boolean decode(Reading reading, String path, List<AccessLog> logs) {
    boolean stdout = false;
    for (int i = 0; i < logs.size(); i++) {
      String at = path + ".access_log[" + i + "]";
      var config = logs.get(i).getTypedConfig();
      if (Reading.holds(config, StdoutAccessLog.getDescriptor())) {
        stdout |= reading.logsTo(at, STDOUT_PATH);
      } else if (Reading.holds(config, FileAccessLog.getDescriptor())) {
        stdout |=
            reading
                .unpack(
                    at + ".typed_config",
                    config,
                    FileAccessLog.getDescriptor(),
                    FileAccessLog.parser())
                .map(file -> {
                  reading.expect(at + ".typed_config", file, FILE);
                  return reading.logsTo(at + ".typed_config.path", file.getPath());
                })
                .orElse(false);
      } else {
        reading.ignore(at);
      }
    }
    return stdout;
  }
}
