package dev.meshctl.model.compare;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.traffic.UnifiedDiff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A resource that two folders do not have alike, wherever in them it stands; a resource that is
 * only written otherwise is none.
 *
 * @param how {@code added}, {@code removed} or {@code changed}
 * @param resource {@code VirtualService shop/cart}
 * @param file of the new folder; of the old one where it is removed
 * @param line where it begins there
 * @param patch of its text, as {@code diff -u} writes it
 */
public record ResourceChange(String how, String resource, String file, int line, String patch) {

  /** By the order of the old folder, then what is new by that of the new one. */
  public static List<ResourceChange> between(FolderContents before, FolderContents after) {
    Map<ResourceId, Located<? extends MeshResource>> first = byId(before);
    Map<ResourceId, Located<? extends MeshResource>> second = byId(after);
    List<ResourceChange> changes = new ArrayList<>();
    first.forEach((id, old) -> {
      Located<? extends MeshResource> fresh = second.get(id);
      if (fresh == null) {
        changes.add(change("removed", id, old.at(""), text(before, old), ""));
      } else if (!fresh.resource().equals(old.resource())) {
        changes.add(change("changed", id, fresh.at(""), text(before, old), text(after, fresh)));
      }
    });
    second.forEach((id, fresh) -> {
      if (!first.containsKey(id)) {
        changes.add(change("added", id, fresh.at(""), "", text(after, fresh)));
      }
    });
    return changes;
  }

  private static ResourceChange change(
      String how, ResourceId id, Position place, String before, String after) {
    return new ResourceChange(
        how,
        id.toString(),
        place.source(),
        place.line(),
        UnifiedDiff.of(id.toString().replace(' ', '/'), before, after));
  }

  private static Map<ResourceId, Located<? extends MeshResource>> byId(FolderContents contents) {
    Map<ResourceId, Located<? extends MeshResource>> byId = new LinkedHashMap<>();
    contents
        .documents()
        .resources()
        .forEach(located -> byId.putIfAbsent(located.resource().id(), located));
    return byId;
  }

  /** The lines of its document. */
  private static String text(FolderContents contents, Located<? extends MeshResource> located) {
    Position place = located.at("");
    Optional<String> file = contents.file(place.source()).map(found -> found.text());
    StringBuilder text = new StringBuilder();
    for (String line : file.orElse("").lines().skip(place.line() - 1L).toList()) {
      if (line.startsWith("---") || line.equals("...")) {
        break;
      }
      text.append(line).append('\n');
    }
    return text.toString();
  }
}
