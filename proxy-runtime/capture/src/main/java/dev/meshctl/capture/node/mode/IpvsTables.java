package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.NodeView;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Fate;
import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A plan for IPVS, which takes packets that are meant for the node: so every address of a Service
 * becomes one of the node, on a device of its own.
 *
 * <p>IPVS does not tell clients apart. Where {@code externalTrafficPolicy: Local} has an endpoint
 * on this node, pods and the node itself are kept to it, too; where it has none they are sent
 * anywhere, and who comes from outside is dropped before.
 *
 * @param addresses on {@link #DEVICE}
 * @param sets of {@code ipset}, by name; each tells what rules ask
 */
public record IpvsTables(
    NodeView node,
    IpFamily family,
    List<String> addresses,
    List<VirtualServer> servers,
    Map<String, IpSet> sets) {
  /** A dummy device, which is there to hold addresses. */
  public static final String DEVICE = "mesh-ipvs0";

  static final String CLUSTER = "MESH-CLUSTER";
  static final String ANYWHERE = "MESH-ANYWHERE";
  static final String LOCAL = "MESH-LOCAL";
  static final String NOT_HERE = "MESH-NOT-HERE";
  static final String NOBODY = "MESH-NOBODY";
  static final String BALANCER = "MESH-BALANCER";
  static final String ALLOWED = "MESH-ALLOWED";
  static final String ADDRESSES = "MESH-ADDRESSES";
  static final String LOOP = "MESH-LOOP";

  /**
   * Entries of one kind.
   *
   * @param type as {@code ipset create} takes it
   * @param why what it holds
   */
  public record IpSet(String type, String why, List<String> entries) {}

  public IpvsTables {
    addresses = List.copyOf(addresses);
    servers = List.copyOf(servers);
    sets = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(sets));
  }

  public static IpvsTables of(NodePlan plan) {
    return new Builder(plan).tables();
  }

  /** A set's name in a family; the kernel has one room of names for both. */
  static String name(String set, IpFamily family) {
    return family == IpFamily.V4 ? set : set + "-6";
  }

  private static final class Builder {
    private final NodePlan plan;
    private final TreeSet<String> addresses = new TreeSet<>();
    private final Map<String, VirtualServer> servers = new LinkedHashMap<>();
    private final Map<String, TreeSet<String>> entries = new TreeMap<>();

    Builder(NodePlan plan) {
      this.plan = plan;
    }

    IpvsTables tables() {
      plan.ports().forEach(this::port);
      Map<String, IpSet> sets = new LinkedHashMap<>();
      set(sets, CLUSTER, "hash:ip,port", "cluster addresses");
      set(sets, ANYWHERE, "hash:ip,port", "other addresses, served by any node's endpoints");
      set(sets, LOCAL, "hash:ip,port", "other addresses, served by this node's endpoints");
      set(sets, NOT_HERE, "hash:ip,port", "other addresses, with no endpoint on this node");
      set(sets, NOBODY, "hash:ip,port", "cluster addresses with no endpoint on this node");
      set(sets, BALANCER, "hash:ip,port", "load balancers' addresses with source ranges");
      set(sets, ALLOWED, "hash:ip,port,net", "who may come to them");
      set(sets, ADDRESSES, "hash:ip", "every address of a Service");
      set(sets, LOOP, "hash:ip,port,ip", "endpoints that call themselves");
      return new IpvsTables(
          plan.node(), plan.family(), List.copyOf(addresses), List.copyOf(servers.values()), sets);
    }

    private void set(Map<String, IpSet> sets, String name, String type, String why) {
      sets.put(
          name, new IpSet(type, why, List.copyOf(entries.getOrDefault(name, new TreeSet<>()))));
    }

    private void port(ServicePort port) {
      for (Front front : port.fronts()) {
        if (front.kind() == FrontKind.NODE_PORT) {
          plan.node()
              .nodePortAddresses(plan.family())
              .forEach(address -> external(port, front, address));
        } else {
          addresses.add(front.address());
          entry(ADDRESSES, front.address());
          if (front.kind() == FrontKind.CLUSTER_IP) {
            internal(port, front);
          } else {
            external(port, front, front.address());
          }
        }
      }
      for (Target target : all(port)) {
        entry(LOOP, socket(target.address(), port, target.port()) + "," + target.address());
      }
    }

    private void internal(ServicePort port, Front front) {
      Fate fate = port.internal();
      server(port, front, front.address(), port.targets(fate));
      entry(CLUSTER, socket(front.address(), port, front.port()));
      if (fate == Fate.DROPPED) {
        entry(NOBODY, socket(front.address(), port, front.port()));
      }
    }

    private void external(ServicePort port, Front front, String address) {
      Fate fate = port.external();
      boolean notHere = fate == Fate.DROPPED;
      server(port, front, address, port.targets(notHere ? port.shortcut() : fate));
      String socket = socket(address, port, front.port());
      entry(port.externalLocal() ? LOCAL : ANYWHERE, socket);
      if (notHere) {
        entry(NOT_HERE, socket);
      }
      if (!front.allowed().isEmpty()) {
        entry(BALANCER, socket);
        for (IpBlock range : front.allowed()) {
          entry(ALLOWED, socket + "," + IpFamily.text(range));
        }
      }
    }

    private void server(ServicePort port, Front front, String address, List<Target> targets) {
      servers.putIfAbsent(
          socket(address, port, front.port()),
          new VirtualServer(
              port.label(),
              port.transport(),
              address,
              front.port(),
              port.affinitySeconds(),
              targets,
              front.origin()));
    }

    private static List<Target> all(ServicePort port) {
      List<Target> all = new ArrayList<>(port.cluster());
      all.addAll(port.local());
      return all;
    }

    private void entry(String set, String entry) {
      entries.computeIfAbsent(set, name -> new TreeSet<>()).add(entry);
    }

    private static String socket(String address, ServicePort port, int number) {
      return address + "," + port.transport().name().toLowerCase(Locale.ROOT) + ":" + number;
    }
  }

  /** The option of {@code ipvsadm} that names a server. */
  static String option(Transport transport) {
    return switch (transport) {
      case TCP -> "-t";
      case UDP -> "-u";
      case SCTP -> "--sctp-service";
    };
  }
}
