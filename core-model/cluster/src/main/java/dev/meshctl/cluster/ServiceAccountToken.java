package dev.meshctl.cluster;

import java.time.Instant;

/** A token of a service account; {@link #toString} keeps it to itself. */
public record ServiceAccountToken(String value, Instant expires) {
  @Override
  public String toString() {
    return "token until " + expires;
  }
}
