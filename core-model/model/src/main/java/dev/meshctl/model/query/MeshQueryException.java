package dev.meshctl.model.query;

import org.jspecify.annotations.Nullable;

/** A question to a control plane that got no answer: what was asked where, why, what to do. */
public abstract sealed class MeshQueryException extends RuntimeException {
  private final String subject;
  private final String fix;

  private MeshQueryException(
      String subject, String problem, String fix, @Nullable Throwable cause) {
    super(subject + ": " + problem + "; " + fix, cause);
    this.subject = subject;
    this.fix = fix;
  }

  /** The URL or file that the question concerned. */
  public String subject() {
    return subject;
  }

  /** What to do. */
  public String fix() {
    return fix;
  }

  /** No endpoint file, so no mesh is known here. */
  public static final class NoMesh extends MeshQueryException {
    public NoMesh(String file, String problem, @Nullable Throwable cause) {
      super(file, problem, "start a mesh with `meshctl local up -f DIR`", cause);
    }
  }

  /** Nothing answers at the address, or the answer broke off. */
  public static final class Unreachable extends MeshQueryException {
    public Unreachable(String url, String problem, @Nullable Throwable cause) {
      super(
          url,
          problem,
          "check that the control plane runs (`meshctl local status`) and that the address is right",
          cause);
    }
  }

  /** The server's certificate does not verify against the trust bundle, or there is no bundle. */
  public static final class Untrusted extends MeshQueryException {
    public Untrusted(String subject, String problem, String trustBundleFile, Throwable cause) {
      super(
          subject,
          problem,
          "take the trust bundle of this mesh into "
              + trustBundleFile
              + ", or point at the mesh that it belongs to",
          cause);
    }
  }

  /** The token is missing, expired or not an operator's. */
  public static final class Denied extends MeshQueryException {
    public Denied(String url, String problem, String fix, @Nullable Throwable cause) {
      super(url, problem, fix, cause);
    }
  }

  /** The thing asked for does not exist. */
  public static final class NotFound extends MeshQueryException {
    public NotFound(String url, String problem) {
      super(url, problem, "list what there is with `meshctl proxy status`", null);
    }
  }

  /** The control plane answered, but not with what was asked for. */
  public static final class Failed extends MeshQueryException {
    public Failed(String url, String problem, @Nullable Throwable cause) {
      super(
          url,
          problem,
          "see the control plane's log; are client and control plane of one version?",
          cause);
    }
  }
}
