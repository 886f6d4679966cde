package dev.meshctl.model.compare;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What would be there if the resources of one folder were applied over those of another: a resource
 * of the same id replaces the one below.
 *
 * @param earlier findings of reading, of both folders
 */
public record Overlay(List<Located<? extends MeshResource>> resources, List<Diagnostic> earlier) {
  public Overlay {
    resources = List.copyOf(resources);
    earlier = List.copyOf(earlier);
  }

  /** Places in the folder below are told with its path, as files of both may have one name. */
  public static Overlay of(FolderContents below, FolderContents above) {
    Set<ResourceId> replaced = new HashSet<>();
    above.documents().resources().forEach(located -> replaced.add(located.resource().id()));
    List<Located<? extends MeshResource>> resources = new ArrayList<>();
    String folder = below.folder() + "/";
    for (Located<? extends MeshResource> located : below.documents().resources()) {
      if (!replaced.contains(located.resource().id())) {
        Map<String, Position> fields = new HashMap<>();
        located.fields().forEach((field, place) -> fields.put(field, moved(folder, place)));
        resources.add(new Located<>(located.resource(), fields));
      }
    }
    resources.addAll(above.documents().resources());
    List<Diagnostic> earlier = new ArrayList<>();
    for (Diagnostic diagnostic : below.documents().diagnostics()) {
      boolean gone = replaced.stream().anyMatch(id -> id.toString().equals(diagnostic.subject()));
      if (!gone) {
        earlier.add(
            new Diagnostic(
                diagnostic.code(),
                diagnostic.severity(),
                diagnostic.subject(),
                moved(folder, diagnostic.position()),
                diagnostic.field(),
                diagnostic.problem(),
                diagnostic.fix()));
      }
    }
    earlier.addAll(above.documents().diagnostics());
    return new Overlay(resources, earlier);
  }

  private static Position moved(String folder, Position place) {
    return new Position(folder + place.source(), place.line(), place.column());
  }

  /** Findings that were not there before, wherever they stand. */
  public static List<Diagnostic> brought(List<Diagnostic> before, List<Diagnostic> after) {
    record Said(String code, String subject, String field, String problem) {
      static Said of(Diagnostic diagnostic) {
        return new Said(
            diagnostic.code(),
            diagnostic.subject(),
            diagnostic.field(),
            diagnostic.problem().replaceAll("\\([^()]*:\\d+:\\d+\\)", ""));
      }
    }

    Set<Said> known = new HashSet<>();
    before.forEach(diagnostic -> known.add(Said.of(diagnostic)));
    return after.stream().filter(diagnostic -> !known.contains(Said.of(diagnostic))).toList();
  }
}
