package dev.meshctl.dataplane.observe.log;

import dev.meshctl.model.match.Bytes;
import org.jspecify.annotations.Nullable;

/** A connection as a log sees it: what only an exchange has, it has not. */
public interface ConnectionEntry extends LogEntry {
  @Override
  default int status() {
    return 0;
  }

  @Override
  default int grpcStatus() {
    return -1;
  }

  @Override
  default String responseDetails() {
    return "";
  }

  @Override
  default String terminationDetails() {
    return "";
  }

  @Override
  default String protocol() {
    return "";
  }

  @Override
  default long upstreamServiceMillis() {
    return -1;
  }

  @Override
  default @Nullable Bytes requestHeader(String lowerCaseName) {
    return null;
  }

  @Override
  default @Nullable Bytes responseHeader(String lowerCaseName) {
    return null;
  }

  @Override
  default String routeName() {
    return "";
  }
}
