package dev.meshctl.model.resource;

/** {@code protocol} of a port, beneath what is spoken on it. */
public enum Transport {
  TCP,
  UDP,
  SCTP
}
