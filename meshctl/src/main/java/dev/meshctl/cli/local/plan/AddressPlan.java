package dev.meshctl.cli.local.plan;

import dev.meshctl.model.xds.ProxyNode;

/**
 * Every address of one local mesh. Meshes differ in their block number, 64 to 254, so that several
 * run side by side; replicas are numbered from 1 to {@link #MAX_REPLICAS}.
 */
public sealed interface AddressPlan {
  int FIRST_BLOCK = 64;
  int LAST_BLOCK = 254;

  /** Replica n's private service addresses have n + 16 as their third number. */
  int MAX_REPLICAS = 239;

  int DISCOVERY_PORT = 15012;
  int QUERY_PORT = 15014;
  int ADMIN_PORT = 15000;

  /** Tells only whether a proxy is ready, where a kubelet would ask. */
  int HEALTH_PORT = 15021;

  int DNS_PORT = 15053;
  int HTTP_PROXY_PORT = 15080;

  int block();

  /** Where the control plane listens. */
  String controlPlane();

  /** Where gateway {@code index} (from 0) listens. */
  String gateway(int index);

  /** Where the workload of a replica listens: its {@code POD_IP}. */
  String workload(int replica);

  /** Where peers reach a replica. */
  String peer(int replica);

  /** How a replica's sidecar is reached, as the control plane is to know it. */
  ProxyNode.Capture capture(int replica);

  /** Prefix of virtual service addresses that all replicas share; empty for none. */
  String sharedServicePrefix();

  /** Where a replica's workload reaches service number {@code service}. */
  String service(int replica, int service);

  /** Everything in 127.BLOCK.0.0/16; a workload is pointed at its sidecar. */
  record Explicit(int block) implements AddressPlan {
    public Explicit {
      checkBlock(block);
    }

    @Override
    public String controlPlane() {
      return "127." + block + ".0.1";
    }

    @Override
    public String gateway(int index) {
      return "127." + block + ".0." + (10 + checkGateway(index));
    }

    @Override
    public String workload(int replica) {
      return "127." + block + ".1." + checkReplica(replica);
    }

    @Override
    public String peer(int replica) {
      return "127." + block + ".2." + checkReplica(replica);
    }

    @Override
    public ProxyNode.Capture capture(int replica) {
      return new ProxyNode.Capture.Explicit(
          peer(replica), workload(replica), servicePrefix(replica));
    }

    @Override
    public String sharedServicePrefix() {
      return "";
    }

    @Override
    public String service(int replica, int service) {
      return servicePrefix(replica) + checkService(service);
    }

    private String servicePrefix(int replica) {
      return "127." + block + "." + (16 + checkReplica(replica)) + ".";
    }
  }

  /** Everything in 10.BLOCK.0.0/16, a network between namespaces that exists for this mesh only. */
  record Transparent(int block) implements AddressPlan {
    public Transparent {
      checkBlock(block);
    }

    /** Prefix length of the mesh's network. */
    public int networkPrefix() {
      return 16;
    }

    /** The root namespace's end of the network, and every pod's default route and resolver. */
    public String outside() {
      return "10." + block + ".0.1";
    }

    /** Where readiness probes come from, which pods let through to their workloads. */
    public String prober() {
      return "10." + block + ".0.5";
    }

    /** Name of the network's end in the root namespace. */
    public String cable() {
      return "meshctl" + block;
    }

    @Override
    public String controlPlane() {
      return outside();
    }

    @Override
    public String gateway(int index) {
      return "10." + block + ".0." + (10 + checkGateway(index));
    }

    @Override
    public String workload(int replica) {
      return "10." + block + ".1." + checkReplica(replica);
    }

    @Override
    public String peer(int replica) {
      return workload(replica);
    }

    @Override
    public ProxyNode.Capture capture(int replica) {
      return new ProxyNode.Capture.Transparent(workload(replica));
    }

    @Override
    public String sharedServicePrefix() {
      return "10." + block + ".240.";
    }

    @Override
    public String service(int replica, int service) {
      return sharedServicePrefix() + checkService(service);
    }
  }

  private static void checkBlock(int block) {
    check("block", block, FIRST_BLOCK, LAST_BLOCK);
  }

  private static int checkReplica(int replica) {
    return check("replica", replica, 1, MAX_REPLICAS);
  }

  private static int checkGateway(int index) {
    return check("gateway", index, 0, 200);
  }

  private static int checkService(int number) {
    return check("service number", number, 1, 254);
  }

  private static int check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + ": " + value + " (expected: " + least + " to " + most + ")");
    }
    return value;
  }
}
