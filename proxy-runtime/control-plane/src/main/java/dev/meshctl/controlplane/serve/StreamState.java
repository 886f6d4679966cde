package dev.meshctl.controlplane.serve;

import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import java.util.List;

/**
 * The protocol of one ADS stream: pure but for its own state.
 *
 * <p>Thread: one at a time.
 *
 * @param <Q> request
 * @param <A> response
 */
sealed interface StreamState<Q, A> permits DeltaState, SotwState {
  /** What to send after {@code request} for {@code type}. */
  List<A> request(Q request, ResourceType type);

  /** What to send now that {@code fresh} is what the proxy should have. */
  List<A> snapshot(EncodedSnapshot fresh);

  /** What to send by the passing of time: what is lent is lent for another while. */
  List<A> renew();

  StreamStatus status();

  /** Every resource that the proxy has, wants or refused, type by type and by name. */
  List<ResourceStatus> resources();

  /** The resources of the current snapshot that were sent and not rejected. */
  List<EncodedResource> held(ResourceType type);
}
