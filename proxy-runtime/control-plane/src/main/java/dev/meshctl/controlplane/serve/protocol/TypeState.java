package dev.meshctl.controlplane.serve.protocol;

import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What both variants know of one type of one stream: what is wanted, what was refused, what is
 * lent, and how far the proxy followed.
 *
 * <p>Thread: one at a time.
 */
abstract class TypeState {
  final ResourceType type;
  boolean wildcard;

  /** Compact where it can be, and the strings are the snapshot's own: there are thousands. */
  Set<String> names = Set.of();

  /** Versions that it does not take, by name. */
  final Map<String, String> rejected = new LinkedHashMap<>();

  final Suspects suspects = new Suspects();
  final Lease lease = new Lease();
  final AnswerTime answerTime = new AnswerTime();
  boolean owesFirstAnswer = true;
  long sentGeneration;
  long ackedGeneration;

  /** Of the last refusal, while something is refused. */
  String error = "";

  TypeState(ResourceType type) {
    this.type = type;
  }

  /** A response of it is not answered yet. */
  abstract boolean awaiting();

  /** Resources that it has, or will have once it acknowledges. */
  abstract int heldCount();

  /** It holds nothing any more of what it was lent. */
  abstract void forgetLent();

  final boolean wants(String name) {
    return wildcard || names.contains(name);
  }

  /** The proxy lacks what it wants, because it refused it. */
  final boolean rejecting() {
    return rejected.keySet().stream().anyMatch(this::wants);
  }

  /** A rejection is in force only while the snapshot still holds the rejected version. */
  final void forgetCuredRejections(EncodedSnapshot snapshot) {
    boolean cured =
        rejected
            .entrySet()
            .removeIf(each -> {
              EncodedResource now = snapshot.find(type, each.getKey());
              return now == null || !now.version().equals(each.getValue());
            });
    if (rejected.isEmpty()) {
      error = "";
    }
    if (cured) {
      cured();
    }
  }

  /** Some of what was refused is no more what the mesh says. */
  abstract void cured();

  /** It is time to lend anew what is lent, and no answer is owed. */
  final boolean renewalDue(long nowNanos) {
    return !awaiting() && lease.due(nowNanos);
  }

  /** What it was lent and not told again in time it has no longer. */
  final void forgetWhatRanOut(long nowNanos) {
    if (!awaiting() && lease.ranOut(nowNanos)) {
      forgetLent();
      lease.ended();
    }
  }

  /** Nothing is left to send and nothing refused: it is in step with the snapshot. */
  final void inStep(EncodedSnapshot snapshot) {
    sentGeneration = snapshot.generation();
    ackedGeneration = snapshot.generation();
  }

  /** Of all types of a stream that were asked for. */
  static StreamStatus status(
      EncodedSnapshot snapshot, Map<ResourceType, ? extends TypeState> types) {
    List<TypeStatus> all = new ArrayList<>();
    boolean rejected = false;
    boolean behind = !types.containsKey(ResourceType.LISTENER);
    for (TypeState state : types.values()) {
      rejected |= state.rejecting();
      behind |= state.ackedGeneration != snapshot.generation();
      all.add(
          new TypeStatus(
              state.type.name(),
              state.heldCount(),
              state.sentGeneration,
              state.ackedGeneration,
              state.error,
              state.answerTime.lastMillis()));
    }
    return new StreamStatus(snapshot.generation(), rejected, behind, all);
  }
}
