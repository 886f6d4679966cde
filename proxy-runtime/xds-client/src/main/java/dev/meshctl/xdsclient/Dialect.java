package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The words of one variant of xDS: {@link DeltaDialect} or {@link StateDialect}. Pure but for what
 * it remembers of a stream.
 *
 * <p>Thread: one at a time.
 *
 * @param <Q> requests
 * @param <A> responses
 */
interface Dialect<Q, A> {
  /** By type URL. */
  Map<String, ResourceType> TYPES =
      Arrays.stream(ResourceType.values())
          .collect(Collectors.toUnmodifiableMap(ResourceType::typeUrl, Function.identity()));

  /** A new stream: the server knows nothing of us. */
  void begin();

  List<Q> requests(List<Ask> asks);

  /** Empty where it is of a type that we do not know. */
  Optional<Update> update(A response);

  /** What was said before the last response and may not have been heard; none is given twice. */
  default List<Q> repeats() {
    return List.of();
  }
}
