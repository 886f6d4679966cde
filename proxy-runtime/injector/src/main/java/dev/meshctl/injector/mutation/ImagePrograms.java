package dev.meshctl.injector.mutation;

import tools.jackson.databind.node.ArrayNode;

/** Programs of the image that a container may name: it has no shell. */
final class ImagePrograms {
  private static final String JAVA = "/opt/meshctl/jdk/bin/java";
  private static final String CLASS_PATH = "/opt/meshctl/runtime/lib/*";

  private ImagePrograms() {}

  /** A main that comes to its end by itself, so nothing has to watch over it. */
  static ArrayNode java(String main) {
    return Trees.list(JAVA, "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH, main);
  }
}
