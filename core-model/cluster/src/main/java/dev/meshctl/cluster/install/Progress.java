package dev.meshctl.cluster.install;

/** Told what an installation has got to. */
@FunctionalInterface
public interface Progress {
  void line(String text);
}
