package dev.meshctl.console.traffic;

import dev.meshctl.console.feed.MeshFeed;
import dev.meshctl.console.fx.Latest;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.traffic.HostSplit;
import dev.meshctl.model.traffic.SplitEdit;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/**
 * The split of one host: sliders in percent that add up to a hundred, the diff that they would
 * make, and what became of it. Edits go through {@link SplitEditor}, as those of the CLI do.
 *
 * <p>Thread: JavaFX; files and queries run on the background executor.
 */
public final class SplitModel {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final SplitDesk desk;
  private final MeshFeed mesh;
  private final Executor fx;
  private final Executor background;
  private final Latest<Asked> preparing;
  private final ObservableList<Share> shares = FXCollections.observableArrayList();
  private final ReadOnlyStringWrapper host = new ReadOnlyStringWrapper("");
  private final ReadOnlyStringWrapper governs = new ReadOnlyStringWrapper("");
  private final ReadOnlyStringWrapper diff = new ReadOnlyStringWrapper("");
  private final ReadOnlyStringWrapper command = new ReadOnlyStringWrapper("");
  private final ReadOnlyObjectWrapper<SplitState> state =
      new ReadOnlyObjectWrapper<>(new SplitState.Closed("Select a service to steer its traffic."));
  private final ReadOnlyBooleanWrapper undoable = new ReadOnlyBooleanWrapper(false);
  private final Deque<SplitEdit> done = new ArrayDeque<>();
  private final String meshName;
  private @Nullable SplitEdit prepared;
  private String rule = "";
  private int visit;
  private boolean moving;

  /** One destination, and its share in percent. */
  public record Share(String name, IntegerProperty percent) {}

  /** {@code visit} counts hosts opened, so that answers about another one are dropped. */
  private record Asked(int visit, SplitRequest request) {}

  public SplitModel(
      String meshName, SplitDesk desk, MeshFeed mesh, Executor fx, Executor background) {
    this.meshName = meshName;
    this.desk = desk;
    this.mesh = mesh;
    this.fx = fx;
    this.background = background;
    this.preparing = new Latest<>(background, this::prepare);
  }

  public ObservableList<Share> shares() {
    return shares;
  }

  /** As users call it, {@code reviews.bookshop}; empty for none. */
  public ReadOnlyStringProperty host() {
    return host.getReadOnlyProperty();
  }

  /** What is edited: {@code VirtualService bookshop/reviews in traffic.yaml}. */
  public ReadOnlyStringProperty governs() {
    return governs.getReadOnlyProperty();
  }

  /** Unified; empty where nothing would change. */
  public ReadOnlyStringProperty diff() {
    return diff.getReadOnlyProperty();
  }

  /** The same edit by the CLI. */
  public ReadOnlyStringProperty command() {
    return command.getReadOnlyProperty();
  }

  public ReadOnlyObjectProperty<SplitState> state() {
    return state.getReadOnlyProperty();
  }

  public ReadOnlyBooleanProperty undoable() {
    return undoable.getReadOnlyProperty();
  }

  /** Turns to another host. */
  public void open(String namespace, String name) {
    String wanted = name + "." + namespace;
    if (wanted.equals(host.get())) {
      return;
    }
    visit++;
    host.set(wanted);
    shut("Reading the split of " + wanted + "…");
    reload();
  }

  /** Nothing is selected that has a split. */
  public void close(String reason) {
    visit++;
    host.set("");
    shut(reason);
  }

  private void shut(String reason) {
    shares.clear();
    governs.set("");
    diff.set("");
    command.set("");
    prepared = null;
    state.set(new SplitState.Closed(reason));
  }

  private void reload() {
    int asked = visit;
    SplitRequest request = SplitRequest.of(host.get(), Map.of());
    background.execute(() -> {
      try {
        SplitEditor.Found found = desk.find(request);
        fx.execute(() -> {
          if (asked == visit) {
            opened(found);
          }
        });
      } catch (IOException unreadable) {
        later(asked, () -> shut("The folder cannot be read: " + unreadable.getMessage()));
      }
    });
  }

  private void opened(SplitEditor.Found found) {
    switch (found) {
      case SplitEditor.Found.Refused(List<Diagnostic> reasons) ->
          shut(
              reasons.isEmpty()
                  ? "No route splits the traffic of " + host.get() + "."
                  : reasons.getFirst().problem() + ". " + reasons.getFirst().fix());
      case SplitEditor.Found.Governed(HostSplit split) -> show(split);
    }
  }

  private void show(HostSplit split) {
    HostSplit.Rule shown =
        split.rules().stream()
            .filter(candidate -> candidate.shares().size() > 1)
            .findFirst()
            .orElse(split.rules().isEmpty() ? null : split.rules().getFirst());
    if (shown == null || shown.shares().size() < 2) {
      shut("The route of " + host.get() + " has one destination only.");
      return;
    }
    rule = split.rules().size() > 1 ? shown.name() : "";
    governs.set(split.resource() + " in " + split.position().source());
    List<Integer> percent =
        Weights.percent(shown.shares().stream().map(HostSplit.Share::weight).toList());
    List<Share> fresh = new ArrayList<>();
    for (int i = 0; i < percent.size(); i++) {
      IntegerProperty value = new SimpleIntegerProperty(percent.get(i));
      int index = i;
      value.addListener((observed, old, now) -> moved(index, now.intValue()));
      fresh.add(new Share(shown.shares().get(i).name(), value));
    }
    prepared = null;
    diff.set("");
    shares.setAll(fresh);
    command.set(commandLine());
    state.set(new SplitState.Unchanged());
  }

  /** Gives one destination all. */
  public void allTo(String name) {
    shares.stream()
        .filter(share -> share.name().equals(name))
        .forEach(share -> share.percent().set(Weights.WHOLE));
  }

  private void moved(int index, int value) {
    if (moving) {
      return;
    }
    moving = true;
    List<Integer> before = shares.stream().map(share -> share.percent().get()).toList();
    List<Integer> after = Weights.moved(before, index, value);
    for (int i = 0; i < shares.size(); i++) {
      shares.get(i).percent().set(after.get(i));
    }
    moving = false;
    command.set(commandLine());
    preparing.offer(new Asked(visit, request()));
  }

  private SplitRequest request() {
    Map<String, Integer> weights = new LinkedHashMap<>();
    shares.forEach(share -> weights.put(share.name(), share.percent().get()));
    return new SplitRequest(host.get(), "", rule, weights);
  }

  private String commandLine() {
    StringBuilder line = new StringBuilder("meshctl split set ").append(host.get());
    shares.forEach(
        share -> line.append(' ').append(share.name()).append('=').append(share.percent().get()));
    if (!rule.isEmpty()) {
      line.append(" --rule ").append(rule);
    }
    return line.append(" --mesh ").append(meshName).toString();
  }

  private void prepare(Asked asked) {
    try {
      SplitEditor.Edited edited = desk.edit(asked.request());
      later(
          asked.visit(),
          () -> {
            if (asked.request().equals(request())) {
              edited(edited);
            }
          });
    } catch (IOException unreadable) {
      later(asked.visit(), () -> refused(List.of(String.valueOf(unreadable.getMessage()))));
    }
  }

  private void edited(SplitEditor.Edited edited) {
    switch (edited) {
      case SplitEditor.Edited.Refused(List<Diagnostic> reasons) ->
          refused(reasons.stream().map(Diagnostic::toString).toList());
      case SplitEditor.Edited.Prepared(SplitEdit edit) -> {
        prepared = edit;
        diff.set(edit.diff());
        state.set(edit.isChange() ? new SplitState.Changed() : new SplitState.Unchanged());
      }
    }
  }

  private void refused(List<String> reasons) {
    prepared = null;
    state.set(new SplitState.Refused(reasons));
  }

  /** Writes what the diff shows, then follows it. Nothing happens without a change. */
  public void apply() {
    SplitEdit edit = prepared;
    if (edit != null && state.get() instanceof SplitState.Changed) {
      run(edit, false);
    }
  }

  /**
   * Puts the text back that was there before the last apply, unless someone has changed it since.
   */
  public void undo() {
    SplitEdit last = done.peek();
    if (last == null || state.get() instanceof SplitState.Applying) {
      return;
    }
    SourceFile now =
        new SourceFile(
            last.file().name(),
            last.file().path(),
            last.newText(),
            Acknowledgements.sha256(last.newText()));
    run(new SplitEdit(now, last.file().text(), "", last.after(), last.before()), true);
  }

  private void run(SplitEdit edit, boolean undoing) {
    int asked = visit;
    state.set(new SplitState.Applying(0, 0));
    background.execute(() -> {
      SplitState end = written(edit, asked, undoing);
      later(
          asked,
          () -> {
            if (end instanceof SplitState.Applied || end instanceof SplitState.Late) {
              diff.set("");
            }
            state.set(end);
          });
    });
  }

  private SplitState written(SplitEdit edit, int asked, boolean undoing) {
    try {
      List<Diagnostic> reasons = desk.write(edit);
      if (!reasons.isEmpty()) {
        return new SplitState.Refused(reasons.stream().map(Diagnostic::toString).toList());
      }
      fx.execute(() -> remember(edit, undoing));
      return new Acknowledgements(mesh, TIMEOUT)
          .await(edit, progress -> later(asked, () -> state.set(progress)));
    } catch (IOException unwritable) {
      return new SplitState.Refused(List.of(String.valueOf(unwritable.getMessage())));
    } catch (MeshQueryException unanswered) {
      return new SplitState.Late("written, but: " + unanswered.getMessage());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new SplitState.Late("interrupted");
    }
  }

  private void remember(SplitEdit edit, boolean undoing) {
    prepared = null;
    if (undoing) {
      done.poll();
      show(edit.after());
      state.set(new SplitState.Applying(0, 0));
    } else {
      done.push(edit);
    }
    undoable.set(!done.isEmpty());
  }

  private void later(int asked, Runnable task) {
    fx.execute(() -> {
      if (asked == visit) {
        task.run();
      }
    });
  }
}
