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

  private AccessLogCodec() {}

  static boolean decode(Reading reading, String path, List<AccessLog> logs) {
    boolean stdout = false;
    for (int i = 0; i < logs.size(); i++) {
      String at = path + ".access_log[" + i + "]";
      var config = logs.get(i).getTypedConfig();
      if (Reading.holds(config, StdoutAccessLog.getDescriptor())) {
        stdout = true;
      } else if (Reading.holds(config, FileAccessLog.getDescriptor())) {
        stdout |=
            reading
                .unpack(
                    at + ".typed_config",
                    config,
                    FileAccessLog.getDescriptor(),
                    FileAccessLog.parser())
                .map(file -> file.getPath().equals("/dev/stdout"))
                .orElse(false);
      } else {
        reading.ignore(at);
      }
    }
    return stdout;
  }
}
