package dev.meshctl.model.wire;

import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.OverloadConfig.Action;
import dev.meshctl.model.xds.OverloadConfig.Trigger;
import io.envoyproxy.envoy.config.overload.v3.OverloadAction;
import io.envoyproxy.envoy.config.overload.v3.OverloadManager;
import io.envoyproxy.envoy.config.overload.v3.ResourceMonitor;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@link OverloadConfig} from a bootstrap's {@code overload_manager}. What is not said there stays
 * as it is without one, so that a limit on connections does not switch off the care for memory.
 */
final class OverloadCodec {
  private static final String ACTIONS = "envoy.overload_actions.";
  private static final KnownFields MANAGER =
      KnownFields.of(
              OverloadManager.getDescriptor(), "refresh_interval", "resource_monitors", "actions")
          .leavingAside("buffer_factory_config", "loadshed_points");
  private static final KnownFields HEAP =
      KnownFields.of(FixedHeapConfig.getDescriptor(), "max_heap_size_bytes");
  private static final KnownFields CONNECTIONS =
      KnownFields.of(
          DownstreamConnectionsConfig.getDescriptor(), "max_active_downstream_connections");

  private final Reading reading;
  private final List<String> memoryMonitors = new ArrayList<>();
  private long maxMemoryBytes;
  private long maxConnections;

  private OverloadCodec(Reading reading) {
    this.reading = reading;
  }

  static OverloadConfig decode(Reading reading, String path, OverloadManager message) {
    return new OverloadCodec(reading).decode(path, message);
  }

  private OverloadConfig decode(String path, OverloadManager message) {
    reading.expect(path, message, MANAGER);
    for (int i = 0; i < message.getResourceMonitorsCount(); i++) {
      monitor(path + ".resource_monitors[" + i + "]", message.getResourceMonitors(i));
    }
    Map<Action, List<Trigger>> actions = new EnumMap<>(Action.class);
    for (int i = 0; i < message.getActionsCount(); i++) {
      String at = path + ".actions[" + i + "]";
      OverloadAction action = message.getActions(i);
      known(at, action.getName())
          .ifPresent(kind ->
              actions.computeIfAbsent(kind, k -> new ArrayList<>()).addAll(triggers(at, action)));
    }
    Duration interval = reading.duration(path + ".refresh_interval", message.getRefreshInterval());
    return new OverloadConfig(
        interval.isPositive() ? interval : OverloadConfig.DEFAULT.refreshInterval(),
        maxMemoryBytes,
        maxConnections,
        actions.isEmpty() ? OverloadConfig.DEFAULT.actions() : actions);
  }

  private void monitor(String path, ResourceMonitor monitor) {
    var config = monitor.getTypedConfig();
    if (Reading.holds(config, FixedHeapConfig.getDescriptor())) {
      memoryMonitors.add(monitor.getName());
      reading
          .unpack(path, config, FixedHeapConfig.getDescriptor(), FixedHeapConfig.parser())
          .ifPresent(heap -> {
            reading.expect(path, heap, HEAP);
            maxMemoryBytes = positive(path + ".max_heap_size_bytes", heap.getMaxHeapSizeBytes());
          });
    } else if (Reading.holds(config, DownstreamConnectionsConfig.getDescriptor())) {
      reading
          .unpack(
              path,
              config,
              DownstreamConnectionsConfig.getDescriptor(),
              DownstreamConnectionsConfig.parser())
          .ifPresent(connections -> {
            reading.expect(path, connections, CONNECTIONS);
            maxConnections =
                positive(
                    path + ".max_active_downstream_connections",
                    connections.getMaxActiveDownstreamConnections());
          });
    } else {
      reading.unsupported(
          path, monitor.getName() + " (expected: fixed_heap or downstream_connections)");
    }
  }

  private long positive(String path, long value) {
    if (value <= 0) {
      reading.refuse(path, value + " (expected: 1 or more)");
    }
    return Math.max(0, value);
  }

  private Optional<Action> known(String path, String name) {
    String action = name.startsWith(ACTIONS) ? name.substring(ACTIONS.length()) : name;
    return switch (action) {
      case "stop_accepting_requests" -> Optional.of(Action.STOP_ACCEPTING_REQUESTS);
      case "disable_http_keepalive" -> Optional.of(Action.DISABLE_KEEPALIVE);
      case "stop_accepting_connections" -> Optional.of(Action.STOP_ACCEPTING_CONNECTIONS);
      case "reject_incoming_connections" -> Optional.of(Action.REJECT_CONNECTIONS);
      case "shrink_heap", "reduce_timeouts", "reset_high_memory_stream" -> {
        reading.ignore(path);
        yield Optional.empty();
      }
      default -> {
        reading.unsupported(
            path,
            name
                + " (expected: stop_accepting_requests, disable_http_keepalive,"
                + " stop_accepting_connections or reject_incoming_connections)");
        yield Optional.empty();
      }
    };
  }

  private List<Trigger> triggers(String path, OverloadAction action) {
    List<Trigger> triggers = new ArrayList<>();
    for (int i = 0; i < action.getTriggersCount(); i++) {
      var trigger = action.getTriggers(i);
      String at = path + ".triggers[" + i + "]";
      if (!memoryMonitors.contains(trigger.getName())) {
        reading.unsupported(at, trigger.getName() + " (expected: the name of a fixed_heap)");
        continue;
      }
      double from =
          trigger.hasScaled()
              ? trigger.getScaled().getScalingThreshold()
              : trigger.getThreshold().getValue();
      double full =
          trigger.hasScaled()
              ? trigger.getScaled().getSaturationThreshold()
              : trigger.getThreshold().getValue();
      if (!(from >= 0 && full <= 1 && from <= full)) {
        reading.refuse(at, from + " to " + full + " (expected: 0 to 1, the lower first)");
        continue;
      }
      triggers.add(new Trigger(from, full));
    }
    return triggers;
  }
}
