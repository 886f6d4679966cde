package dev.meshctl.bundle.build;

import java.util.List;

/**
 * What a runtime can run, each with a heap of its own, all with one start-up cache: that of the
 * proxy, of which there are most. The others start with it as fast as with their own within a few
 * hundredths of a second, and a second one would be a third of an image.
 */
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
      List.of("-Xms16m", "-XX:MaxRAMPercentage=60")),
  /** On every node, so it is small; its work is done by the programs that it starts. */
  NODE_AGENT(
      "node-agent",
      "dev.meshctl.app.CaptureAgentMain",
      96L << 20,
      List.of(
          "-Xms8m",
          "-Xmx24m",
          "-Xss512k",
          "-XX:MaxDirectMemorySize=8m",
          "-XX:ReservedCodeCacheSize=24m"));

  /** Whose start-up cache all of them have. */
  static final RuntimeProgram CACHED = PROXY;

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

  /** Below the folder of the runtime. */
  static String cache() {
    return "cache/" + CACHED.programName + ".aot";
  }

  /** What one process of it may need, at most. */
  long memoryBytes() {
    return memoryBytes;
  }

  List<String> memory() {
    return memory;
  }
}
