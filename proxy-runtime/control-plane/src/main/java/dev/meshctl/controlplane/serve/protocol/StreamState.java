package dev.meshctl.controlplane.serve.protocol;

import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
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
public sealed interface StreamState<Q, A> permits DeltaState, SotwState {
  /** So often within its time is renewed what is lent: one that is late does no harm. */
  int RENEWALS = 3;

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
