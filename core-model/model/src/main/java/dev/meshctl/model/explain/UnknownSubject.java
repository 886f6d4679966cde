package dev.meshctl.model.explain;

/** The question names what the mesh does not have. */
public final class UnknownSubject extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String problem;
  private final String fix;

  /**
   * @param problem what is named, and what there is
   * @param fix what to do
   */
  UnknownSubject(String problem, String fix) {
    super(problem + "; " + fix);
    this.problem = problem;
    this.fix = fix;
  }

  public String problem() {
    return problem;
  }

  public String fix() {
    return fix;
  }
}
