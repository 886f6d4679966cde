package dev.meshctl.dataplane.resilience;

/** Tells how full the process's memory is. */
public interface MemoryGauge {
  /**
   * Memory in use, 0 for none to 1 for all.
   *
   * @param maxBytes what counts as all; 0 is what the process may have
   * @param care below it a rough answer will do, if it errs upwards only
   */
  double pressure(long maxBytes, double care);
}
