package dev.meshctl.dataplane.fuzz;

import dev.meshctl.dataplane.detect.ProxyHeaderFuzzer;
import dev.meshctl.dataplane.http.Http1RequestFuzzer;
import dev.meshctl.dataplane.http.Http1ResponseFuzzer;
import dev.meshctl.dataplane.http.Http2Fuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** All fuzzers. */
enum Fuzzer {
  HTTP1_REQUEST("http1-request", Http1RequestFuzzer.class, Http1RequestFuzzer::fuzzerTestOneInput),
  HTTP1_RESPONSE(
      "http1-response", Http1ResponseFuzzer.class, Http1ResponseFuzzer::fuzzerTestOneInput),
  HTTP2("http2", Http2Fuzzer.class, Http2Fuzzer::fuzzerTestOneInput),
  PROXY_HEADER("proxy-header", ProxyHeaderFuzzer.class, ProxyHeaderFuzzer::fuzzerTestOneInput),
  XDS("xds", XdsFuzzer.class, XdsFuzzer::fuzzerTestOneInput);

  interface Target {
    void test(byte[] input);
  }

  private final String folder;
  private final Class<?> type;
  private final Target target;

  Fuzzer(String folder, Class<?> type, Target target) {
    this.folder = folder;
    this.type = type;
    this.target = target;
  }

  void test(byte[] input) {
    target.test(input);
  }

  String className() {
    return type.getName();
  }

  String folder() {
    return folder;
  }

  Path corpus() {
    return Path.of("src/test/resources/fuzz", folder).toAbsolutePath();
  }

  List<Path> inputs() throws IOException {
    try (Stream<Path> files = Files.list(corpus())) {
      return files.sorted().toList();
    }
  }
}
