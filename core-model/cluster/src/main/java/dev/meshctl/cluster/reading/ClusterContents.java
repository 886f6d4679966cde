package dev.meshctl.cluster.reading;

import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ObjectwiseValidator.Candidate;
import java.util.List;
import java.util.Map;

/**
 * What a mesh reads of a cluster, at one moment.
 *
 * @param complete all that could be read has been; before that it is a part and no mesh
 * @param candidates in the order of their names
 * @param versions of what people write to steer the mesh: {@code cluster/NAMESPACE/KIND/NAME} to
 *     its {@code resourceVersion}
 * @param findings kinds that may not be read; a server that does not answer
 */
public record ClusterContents(
    boolean complete,
    List<Candidate> candidates,
    Map<String, String> versions,
    List<Diagnostic> findings) {
  public ClusterContents {
    candidates = List.copyOf(candidates);
    versions = Map.copyOf(versions);
    findings = List.copyOf(findings);
  }
}
