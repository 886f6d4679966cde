package dev.meshctl.model.explain;

/** The question names what the mesh does not have. */
public final class UnknownSubject extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String problem;
  private final String fix;
  private final boolean ambiguous;

  /**
   * @param problem what is named, and what there is
   * @param fix what to do
   */
  public UnknownSubject(String problem, String fix) {
    this(problem, fix, false);
  }

  private UnknownSubject(String problem, String fix, boolean ambiguous) {
    super(problem + "; " + fix);
    this.ambiguous = ambiguous;
    this.problem = problem;
    this.fix = fix;
  }

  /** Several have the name. */
  static UnknownSubject ambiguous(String problem, String fix) {
    return new UnknownSubject(problem, fix, true);
  }

  boolean isAmbiguous() {
    return ambiguous;
  }

  public String problem() {
    return problem;
  }

  public String fix() {
    return fix;
  }
}
