package dev.meshctl.dataplane.dns;

import dev.meshctl.model.xds.NameTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name table, ready to answer: full names, and for services of the cluster also {@code svc.ns},
 * {@code svc.ns.svc}, and {@code svc} in the proxy's own namespace. A name {@code *.example.com}
 * answers for everything below it.
 *
 * <p>Thread: any.
 */
final class MeshNames {
  static final MeshNames EMPTY = new MeshNames(Map.of());

  private final Map<String, Addresses> names;

  private MeshNames(Map<String, Addresses> names) {
    this.names = names;
  }

  /**
   * The addresses of one name, as they stand in records.
   *
   * @param v4 of 4 bytes each
   * @param v6 of 16 bytes each
   */
  record Addresses(List<byte[]> v4, List<byte[]> v6) {
    Addresses {
      v4 = List.copyOf(v4);
      v6 = List.copyOf(v6);
    }

    static Addresses of(List<String> literals) {
      List<byte[]> v4 = new ArrayList<>();
      List<byte[]> v6 = new ArrayList<>();
      for (String literal : literals) {
        byte[] address = InetAddress.ofLiteral(literal).getAddress();
        (address.length == 4 ? v4 : v6).add(address);
      }
      return new Addresses(v4, v6);
    }
  }

  /**
   * Compiles {@code table}.
   *
   * @param namespace the proxy's own
   * @param clusterDomain such as {@code cluster.local}
   * @throws IllegalArgumentException where an address is none
   */
  static MeshNames compile(NameTable table, String namespace, String clusterDomain) {
    Map<String, Addresses> names = HashMap.newHashMap(table.addresses().size() * 4);
    Map<String, Addresses> aliases = new HashMap<>();
    String tail = ".svc." + clusterDomain;
    table
        .addresses()
        .forEach((name, literals) -> {
          Addresses addresses = Addresses.of(literals);
          names.put(name, addresses);
          if (name.endsWith(tail)) {
            String service = name.substring(0, name.length() - tail.length());
            aliases.put(service, addresses);
            aliases.put(service + ".svc", addresses);
            if (service.endsWith("." + namespace)) {
              aliases.put(
                  service.substring(0, service.length() - namespace.length() - 1), addresses);
            }
          }
        });
    // A name that stands in the table itself wins over one made up here.
    aliases.forEach(names::putIfAbsent);
    return new MeshNames(names);
  }

  /**
   * @param name in lower case, without a final dot
   * @return null where the mesh does not know it
   */
  @Nullable Addresses find(String name) {
    Addresses found = names.get(name);
    for (int dot = name.indexOf('.'); found == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
      found = names.get("*" + name.substring(dot));
    }
    return found;
  }
}
