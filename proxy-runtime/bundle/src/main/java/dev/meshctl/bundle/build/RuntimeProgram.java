package dev.meshctl.bundle.build;

import java.util.List;

/** What a runtime can run, each with a heap and a cache of its own. */
enum RuntimeProgram {
  PROXY(
      "proxy",
      "dev.meshctl.app.ProxyMain",
      160L << 20,
      List.of(
          "-Xms24m",
          "-XX:NewSize=8m",
          "-Xmx64m",
          "-Xss512k",
          "-XX:MaxDirectMemorySize=64m",
          "-XX:ReservedCodeCacheSize=32m")),
  CONTROL_PLANE(
      "control-plane",
      "dev.meshctl.app.ControlPlaneMain",
      320L << 20,
      List.of("-Xms16m", "-XX:MaxRAMPercentage=60"));

  private final String programName;
  private final String mainClass;
  private final long memoryBytes;
  private final List<String> memory;

  RuntimeProgram(String programName, String mainClass, long memoryBytes, List<String> memory) {
    this.programName = programName;
    this.mainClass = mainClass;
    this.memoryBytes = memoryBytes;
    this.memory = memory;
  }

  String programName() {
    return programName;
  }

  String mainClass() {
    return mainClass;
  }

  String cache() {
    return "cache/" + programName + ".aot";
  }

  /** What one process of it may need, at most. */
  long memoryBytes() {
    return memoryBytes;
  }

  List<String> memory() {
    return memory;
  }
}
