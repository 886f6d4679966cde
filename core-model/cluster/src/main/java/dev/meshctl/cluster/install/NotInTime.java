package dev.meshctl.cluster.install;

/** Something did not come about while we waited; what was done stays, and can be gone on with. */
public final class NotInTime extends Exception {
  private final String what;

  NotInTime(String what) {
    super(what);
    this.what = what;
  }

  public String what() {
    return what;
  }
}
