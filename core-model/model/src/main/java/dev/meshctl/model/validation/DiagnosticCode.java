package dev.meshctl.model.validation;

import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic.Severity;
import java.util.Locale;

/**
 * Every finding there is. Codes are stable: a retired one stays here, unused, and is never given a
 * second meaning. {@code 00xx} is reading, {@code 01xx} the mesh, {@code 02xx} edits of splits.
 */
public enum DiagnosticCode {
  UNPARSABLE_YAML(
      "MESH0001",
      Severity.ERROR,
      "The text is not YAML",
      "Documents up to this place were read; nothing from here to the end of the file is.",
      "correct the syntax at the place shown"),
  DUPLICATE_KEY(
      "MESH0002",
      Severity.ERROR,
      "A key stands twice in one mapping",
      "YAML readers differ in which of the two they keep, so neither is taken.",
      "remove one of the two"),
  NOT_AN_OBJECT(
      "MESH0003",
      Severity.ERROR,
      "A document is not a Kubernetes object",
      "An object is a mapping with apiVersion, kind and metadata.",
      "add what is missing, or remove the document"),
  UNKNOWN_KIND(
      "MESH0004",
      Severity.ERROR,
      "The kind is unknown",
      "Neither Kubernetes, Istio nor the Gateway API has a kind of this name in this group and"
          + " version.",
      "correct apiVersion and kind"),
  KIND_NOT_APPLIED(
      "MESH0005",
      Severity.WARNING,
      "The kind is known but not applied",
      "The object is valid for a cluster; this mesh does nothing about it. Think twice where the"
          + " kind restricts access (NetworkPolicy, an EnvoyFilter or WasmPlugin that does): the"
          + " restriction does not hold here.",
      "nothing to do if the mesh need not know it"),
  UNKNOWN_FIELD(
      "MESH0006",
      Severity.ERROR,
      "The field is unknown",
      "The API of this kind has no such field; a cluster would refuse it or drop it.",
      "correct its name or its indentation"),
  FIELD_NOT_APPLIED(
      "MESH0007",
      Severity.WARNING,
      "The field is known but not applied",
      "The API has this field; this mesh does not act on it yet. The rest of the resource is in"
          + " force.",
      "remove it if nothing relies on it here"),
  MISSING_FIELD(
      "MESH0008",
      Severity.ERROR,
      "A required field is missing",
      "The API requires it and there is no default.",
      "add the field"),
  WRONG_TYPE(
      "MESH0009",
      Severity.ERROR,
      "The value has the wrong type",
      "As in a cluster, types are strict: 1.0 is a number and \"1.0\" a text, and a list is not a"
          + " mapping.",
      "write the expected type"),
  OUT_OF_RANGE(
      "MESH0010",
      Severity.ERROR,
      "The number is out of range",
      "The range is that of the API.",
      "choose a number within the range"),
  UNKNOWN_VALUE(
      "MESH0011",
      Severity.ERROR,
      "The value is none of those allowed",
      "The field takes one of a fixed set of words, in the case shown.",
      "choose one of them"),
  INVALID_NAME(
      "MESH0012",
      Severity.ERROR,
      "The name or host is malformed",
      "Names are DNS names: lower-case letters, digits, '-' and (where a dot is allowed) '.',"
          + " beginning and ending with a letter or digit.",
      "rename it"),
  INVALID_DURATION(
      "MESH0013",
      Severity.ERROR,
      "The duration is malformed",
      "Durations are numbers with units, such as 1.5s, 500ms, 1h30m. The Gateway API allows no"
          + " fractions.",
      "write a number and a unit"),
  CONFLICTING_FIELDS(
      "MESH0014",
      Severity.ERROR,
      "Fields exclude each other",
      "The API takes exactly one of these fields.",
      "keep one"),
  INVALID_REGEX(
      "MESH0015",
      Severity.ERROR,
      "The regular expression is malformed",
      "Expressions are in RE2 syntax and must match the whole string: no look-around and no"
          + " back-references.",
      "correct the expression"),
  UNREADABLE_FILE(
      "MESH0016",
      Severity.ERROR,
      "The file is not text",
      "Files of resources are UTF-8.",
      "save the file as UTF-8"),
  INVALID_CONDITION(
      "MESH0017",
      Severity.ERROR,
      "A value of an access rule is malformed",
      "A condition that cannot hold would open the door that it was to close, so nothing is taken"
          + " from a policy that has one.",
      "correct the value"),

  DUPLICATE_RESOURCE(
      "MESH0101",
      Severity.ERROR,
      "Two resources have one name",
      "Kind, namespace and name identify a resource. In a cluster the second would replace the"
          + " first without a word.",
      "rename or remove one"),
  UNKNOWN_HOST(
      "MESH0102",
      Severity.ERROR,
      "A destination is not a service of the mesh",
      "A host is a Service or a host of a ServiceEntry. A name without dots means a Service in the"
          + " resource's own namespace; one with dots is taken as a full name.",
      "add the Service or ServiceEntry, or correct the host"),
  UNKNOWN_SUBSET(
      "MESH0103",
      Severity.ERROR,
      "A subset is not defined",
      "Subsets are defined by the DestinationRule of the host.",
      "define it in the DestinationRule, or correct its name"),
  UNKNOWN_GATEWAY(
      "MESH0104",
      Severity.ERROR,
      "A VirtualService names a Gateway that is not there",
      "A gateway name means the resource's own namespace unless written NAMESPACE/NAME; 'mesh' is"
          + " reserved for the sidecars.",
      "add the Gateway, or correct the name"),
  UNKNOWN_SERVICE_ACCOUNT(
      "MESH0105",
      Severity.ERROR,
      "A workload runs as a ServiceAccount that is not there",
      "The service account is the workload's identity in the mesh. 'default' exists in every"
          + " namespace.",
      "add the ServiceAccount"),
  UNKNOWN_PARENT(
      "MESH0106",
      Severity.WARNING,
      "A route's parent is not there",
      "A parent is a Gateway, or (for traffic inside the mesh) a Service.",
      "add the parent, or correct the reference"),
  UNKNOWN_BACKEND(
      "MESH0107",
      Severity.WARNING,
      "A route's backend is not there",
      "A backend is a port of a Service, in the route's own namespace unless written otherwise. Its"
          + " share of requests is answered with 500.",
      "add the Service, or correct the reference"),
  UNKNOWN_PORT(
      "MESH0108",
      Severity.ERROR,
      "A port is not a port of the service",
      "The number is that of the Service's port, not of its target port.",
      "use one of the service's ports"),
  AMBIGUOUS_PORT(
      "MESH0109",
      Severity.ERROR,
      "The destination does not say which port",
      "The port may be left out only where the service has one.",
      "add destination.port.number"),
  UNKNOWN_SECTION(
      "MESH0110",
      Severity.WARNING,
      "A parent has no listener of that name or port",
      "sectionName and port of a parentRef choose among the Gateway's listeners.",
      "use one of the listeners"),
  UNKNOWN_GATEWAY_CLASS(
      "MESH0111",
      Severity.WARNING,
      "A Gateway is of a class that is not ours",
      "Gateways whose class has another controller, or is not there, are not served.",
      "use a GatewayClass whose controllerName is meshctl.dev/gateway-controller"),
  NEGATIVE_WEIGHT(
      "MESH0112",
      Severity.ERROR,
      "A weight is below zero or too large",
      "Weights are proportions: 50 and 40 are 5 to 4, and 0 is no traffic. The largest is"
          + " 1000000.",
      "use a weight from 0 to 1000000"),
  ALL_WEIGHTS_ZERO(
      "MESH0113",
      Severity.ERROR,
      "All weights of a rule are zero",
      "Nobody would get the traffic.",
      "give at least one destination a weight above 0"),
  CONFLICTING_HOSTS(
      "MESH0114",
      Severity.WARNING,
      "Two VirtualServices claim the same requests",
      "Only one of them is in force: the oldest, then the first by name. Inside the mesh a host has"
          + " one VirtualService; at a gateway several may share a host as long as their matches"
          + " differ.",
      "merge the two, or narrow the hosts or gateways of one"),
  PORT_CONFLICT(
      "MESH0115",
      Severity.ERROR,
      "Two listeners want one port in ways that exclude each other",
      "Listeners on one port of one gateway share a protocol and differ in their hosts.",
      "move one to another port, or give it other hosts"),
  EMPTY_SUBSET(
      "MESH0116",
      Severity.WARNING,
      "A subset's labels match no workload",
      "Traffic to the subset is answered with 503 until a workload with these labels runs.",
      "correct the labels, or add the workload"),
  MTLS_CONFLICT(
      "MESH0117",
      Severity.ERROR,
      "Plaintext is sent where mutual TLS is required",
      "The DestinationRule switches mutual TLS off for a host whose workloads accept nothing else"
          + " (PeerAuthentication STRICT): every request would fail.",
      "use ISTIO_MUTUAL, or remove the tls settings of the DestinationRule"),
  UNNAMED_PROTOCOL(
      "MESH0118",
      Severity.INFO,
      "A port does not say its protocol",
      "The protocol is then detected from the first bytes, which a protocol where the server speaks"
          + " first cannot wait for.",
      "name the port http-..., grpc-..., tcp-..., or set appProtocol"),
  UNREACHABLE_RULE(
      "MESH0119",
      Severity.WARNING,
      "A rule can never match",
      "An earlier rule of the same resource takes every request.",
      "move the general rule to the end"),
  DUPLICATE_NAME(
      "MESH0120",
      Severity.ERROR,
      "Two entries of one list have one name",
      "Subsets, ports, listeners and rules are referred to by name.",
      "rename one"),
  SERVICE_WITHOUT_WORKLOAD(
      "MESH0121",
      Severity.WARNING,
      "A Service selects no workload",
      "Requests to it are answered with 503 until a workload with these labels runs.",
      "correct the selector, or add the workload"),
  UNKNOWN_TARGET_PORT(
      "MESH0122",
      Severity.ERROR,
      "A target port's name is no port of the workload",
      "A named targetPort is looked up among the container ports of every workload that the Service"
          + " selects.",
      "name the container's port so, or write the number"),
  SELECTOR_MISMATCH(
      "MESH0123",
      Severity.ERROR,
      "A workload does not select its own pods",
      "spec.selector must match spec.template.metadata.labels; a cluster refuses it otherwise.",
      "make the two agree"),
  ALIAS_CIRCLE(
      "MESH0124",
      Severity.ERROR,
      "ExternalName Services lead in a circle",
      "Following the names never reaches a workload or a host outside.",
      "let one of them name the real host"),
  SEVERAL_DESTINATION_RULES(
      "MESH0125",
      Severity.WARNING,
      "Two DestinationRules of one namespace are for one host",
      "Those that are exported alike and select the same clients are joined: the policy is that of"
          + " the oldest that has one, then of the first by name, and of subsets of one name the"
          + " first counts. Others are not joined, and only one is in force for a client.",
      "merge the two"),
  CROSS_NAMESPACE_BACKEND(
      "MESH0126",
      Severity.WARNING,
      "A backend is in a namespace that does not agree",
      "A backend in another namespace needs a ReferenceGrant there; requests for this one are"
          + " answered with 500.",
      "add a ReferenceGrant to that namespace"),
  ROUTE_NOT_ALLOWED(
      "MESH0127",
      Severity.WARNING,
      "A Gateway does not take routes from this namespace",
      "Listeners take routes of the namespaces that allowedRoutes.namespaces names; of their own"
          + " where it names none.",
      "set from: All or a selector, or move the route"),
  HOST_NOT_AT_GATEWAY(
      "MESH0128",
      Severity.WARNING,
      "No host of a route is a host of its gateway",
      "The route never matches there.",
      "make the hosts of the two overlap"),
  NODE_PORT_CONFLICT(
      "MESH0129",
      Severity.ERROR,
      "Two Services ask for one nodePort",
      "A node port belongs to one Service of the whole cluster.",
      "change one, or leave it out"),
  UNSERVED_HOST(
      "MESH0130",
      Severity.WARNING,
      "A resource is for a host that nobody asks for",
      "Inside the mesh, requests are routed by the host names of Services and ServiceEntries, so"
          + " this VirtualService or DestinationRule has no effect there.",
      "correct the host"),
  SEVERAL_PEER_AUTHENTICATIONS(
      "MESH0131",
      Severity.WARNING,
      "Two PeerAuthentications have one scope",
      "Only the first by name is in force.",
      "merge the two"),
  UNKNOWN_TARGET(
      "MESH0132",
      Severity.ERROR,
      "What a policy is attached to is not there",
      "A target is a Gateway of the Gateway API that is served here, or a Service with workloads,"
          + " in the policy's own namespace. A policy without its target would restrict nothing.",
      "add the target, or correct the reference"),
  SHARED_TARGET(
      "MESH0133",
      Severity.WARNING,
      "A policy covers more than its target",
      "What arrives at a port is asked there, whatever it was sent to: a port that another Gateway"
          + " or Service has too is covered for both.",
      "give the two ports of their own if only one is meant"),
  REWRITE_JOINS_BADLY(
      "MESH0134",
      Severity.WARNING,
      "A rewritten path has a slash too few or too many",
      "`rewrite.uri` stands for the prefix that was matched, to the letter, and for the first slash"
          + " where none was: /v2 for / makes /v2cart of /cart, / for /old makes //cart of"
          + " /old/cart.",
      "end both with a slash, or neither"),
  ENDPOINTS_WITHOUT_SERVICE(
      "MESH0135",
      Severity.WARNING,
      "Endpoints belong to no Service",
      "The label kubernetes.io/service-name of an EndpointSlice names its Service; Endpoints have"
          + " the Service's own name. Nobody is sent to those of no Service.",
      "name the Service, or add it"),
  UNKNOWN_ENDPOINT_PORT(
      "MESH0136",
      Severity.WARNING,
      "A port of endpoints is no port of the Service, or the other way round",
      "Ports of EndpointSlices and Endpoints go by the names of the Service's ports, whatever their"
          + " numbers; an only port may have no name, in both.",
      "give the ports the same name"),
  UNSELECTED_ENTRY(
      "MESH0137",
      Severity.WARNING,
      "Nothing selects a WorkloadEntry",
      "A Service or ServiceEntry of its namespace selects it by its labels; one that none selects"
          + " gets no traffic.",
      "correct its labels, or the selector"),
  UNREACHABLE_ENTRY(
      "MESH0138",
      Severity.WARNING,
      "An endpoint cannot be reached",
      "Endpoints of Services and of ServiceEntries with resolution STATIC need an IP address (or"
          + " a Unix socket); a network has no gateway here that would stand for one.",
      "write an IP address, or resolution DNS for names"),
  HINTS_INCOMPLETE(
      "MESH0139",
      Severity.WARNING,
      "Hints of EndpointSlices do not count",
      "Hints for zones count where every ready endpoint of the Service has one, as for kube-proxy.",
      "give each ready endpoint a hint, or none"),
  SEVERAL_SIDECARS(
      "MESH0140",
      Severity.WARNING,
      "Two Sidecars have one scope",
      "A workload has one Sidecar. Of several without a selector in a namespace, or with the same"
          + " one, the oldest is in force, then the first by name; they are not merged.",
      "merge the two"),
  OVERLAPPING_SIDECARS(
      "MESH0141",
      Severity.WARNING,
      "Two Sidecars select one workload",
      "A workload has one Sidecar: the oldest that selects it, then the first by name; they are not"
          + " merged.",
      "make the selectors tell the workloads apart"),
  EGRESS_HOST_MATCHES_NOTHING(
      "MESH0142",
      Severity.WARNING,
      "A host that a Sidecar imports is not there",
      "No Service, ServiceEntry or VirtualService that is exported to the workload's namespace has"
          + " this host in this namespace, so the entry lets nothing in.",
      "correct namespace and host, or export the service"),
  NO_EGRESS_HOST(
      "MESH0143",
      Severity.ERROR,
      "An egress host is no namespace with a host",
      "Egress hosts are written NAMESPACE/HOST; the namespace may be * (any), . (the workload's"
          + " own) and begin with ~ (taken out), the host be full, *.SUFFIX or *. Istio refuses"
          + " others.",
      "write NAMESPACE/HOST"),
  ROOT_SIDECAR_WITH_SELECTOR(
      "MESH0144",
      Severity.WARNING,
      "A Sidecar of the root namespace has a selector",
      "Without a selector it would hold in every namespace that has no Sidecar of its own; with one"
          + " it holds for workloads of the root namespace alone.",
      "remove the selector, or move it to the namespace of the workloads"),
  NOT_ENFORCED(
      "MESH0146",
      Severity.WARNING,
      "A security policy is read and not enforced",
      "The policy is valid, and nothing here does what it says. Where it is the only protection of"
          + " a workload, the workload is not protected: do not rely on it.",
      "protect the workload by an AuthorizationPolicy with ALLOW or DENY, or otherwise"),
  SEVERAL_MESH_CONFIGS(
      "MESH0147",
      Severity.WARNING,
      "Two objects hold a MeshConfig",
      "A mesh has one: that of the first by namespace and name, of the ConfigMap istio or an"
          + " IstioOperator. They are not merged.",
      "keep one"),
  DELEGATES_TO_NOTHING(
      "MESH0148",
      Severity.WARNING,
      "A rule delegates to rules that do not hold",
      "The rules of the delegate, a VirtualService without hosts, stand in place of the rule that"
          + " names it, each within its matches. One that asks for what these rule out is left out;"
          + " without any, the rule does not hold at all and requests fall to the next.",
      "correct the delegate's name, hosts, export or matches"),
  UNUSED_DELEGATE(
      "MESH0149",
      Severity.WARNING,
      "A VirtualService has no hosts",
      "Without hosts it is a delegate, and its rules hold where another VirtualService delegates to"
          + " it.",
      "add hosts, or delegate to it"),
  UNKNOWN_SECRET(
      "MESH0150",
      Severity.WARNING,
      "Certificates that are named are not there",
      "Connections for these hosts are closed until they are, and backends of a BackendTLSPolicy"
          + " are not reached; everything else of the gateway is served. An Istio Gateway's Secrets"
          + " are in the namespace of the gateway's workload, where that is not known in the root"
          + " namespace.",
      "add what is named, or correct the name"),
  UNUSABLE_SECRET(
      "MESH0151",
      Severity.WARNING,
      "What is in a Secret cannot be shown to clients",
      "A gateway needs a certificate and its private key, in PEM, the key not encrypted."
          + " Connections for these hosts are closed.",
      "make the Secret anew: kubectl create secret tls NAME --cert FILE --key FILE"),
  EXPIRED_CERTIFICATE(
      "MESH0152",
      Severity.WARNING,
      "A certificate is not valid now",
      "It is shown all the same, and clients refuse it.",
      "renew it"),
  CERTIFICATE_WITHOUT_HOST(
      "MESH0153",
      Severity.WARNING,
      "A certificate is not for a host that it is shown for",
      "Clients compare the host with the certificate's DNS alternative names, not with its common"
          + " name, and refuse it.",
      "add the host to the certificate, or name another Secret"),
  REFERENCE_NOT_PERMITTED(
      "MESH0154",
      Severity.WARNING,
      "A reference to another namespace is not permitted",
      "What is in a namespace belongs to it; who refers to it from another needs a ReferenceGrant"
          + " there. The reference counts as if there were nothing.",
      "add a ReferenceGrant to that namespace, or move one of the two"),
  LISTENER_NOT_SERVED(
      "MESH0155",
      Severity.WARNING,
      "A listener cannot be served as it is written",
      "TLS that ends at a gateway needs a certificate. Connections to the listener are closed.",
      "say with which certificate TLS ends"),
  ROUTE_KIND_NOT_TAKEN(
      "MESH0156",
      Severity.WARNING,
      "A Gateway's listeners do not take routes of this kind",
      "HTTP and HTTPS take HTTPRoutes and GRPCRoutes, TLS takes TLSRoutes, and TCPRoutes where it"
          + " ends, TCP takes TCPRoutes; allowedRoutes.kinds may narrow it.",
      "attach the route to a listener of its protocol"),
  LISTENER_CONFLICT(
      "MESH0157",
      Severity.WARNING,
      "Two listeners of a Gateway are one to their clients",
      "Listeners on one port differ in their hosts and share a protocol. The first one is served.",
      "move one to another port, or give it another host"),
  UNSUPPORTED_REFERENCE(
      "MESH0158",
      Severity.WARNING,
      "A reference is to a kind that is not known here",
      "The Gateway API leaves open which kinds are supported. The reference counts as if there were"
          + " nothing.",
      "refer to one of the kinds shown"),
  POLICY_CONFLICT(
      "MESH0159",
      Severity.WARNING,
      "Two BackendTLSPolicies are for one target",
      "The first by name holds; the other does nothing for this target.",
      "remove one of the two"),
  NAMESPACE_NOT_INJECTED(
      "MESH0160",
      Severity.INFO,
      "A namespace does not say whether its pods get a sidecar",
      "In a cluster, pods get a sidecar where their namespace or they themselves ask for "
          + "one; without it nothing of the mesh holds for them. A mesh on one machine gives one "
          + "to every workload.",
      "label the namespace istio-injection: enabled, or disabled"),
  SEVERAL_INJECTION_LABELS(
      "MESH0161",
      Severity.WARNING,
      "A namespace asks for sidecars in two ways",
      "istio-injection wins over istio.io/rev, which then does nothing.",
      "keep one of the labels"),
  POLICY_WITHOUT_SIDECAR(
      "MESH0162",
      Severity.WARNING,
      "A policy is for a workload that gets no sidecar",
      "Policies are enforced by the sidecar of whom they protect: this one restricts " + "nothing.",
      "let the workload have a sidecar, or use a NetworkPolicy"),
  SELECTS_NO_WORKLOAD(
      "MESH0163",
      Severity.WARNING,
      "A selector matches no workload",
      "The resource has no effect until a workload has these labels.",
      "correct the labels, or remove the resource"),
  UNKNOWN_NAMESPACE(
      "MESH0164",
      Severity.WARNING,
      "A namespace that is named is not there",
      "Nothing in the configuration is in this namespace.",
      "correct the name"),
  UNKNOWN_PRINCIPAL(
      "MESH0165",
      Severity.WARNING,
      "A policy names a service account that nobody has",
      "Principals are TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT; no workload runs as this one, "
          + "so the entry matches nobody.",
      "correct the name, or add the ServiceAccount"),
  UNKNOWN_METHOD(
      "MESH0166",
      Severity.WARNING,
      "A policy names a method that HTTP does not have",
      "Methods are compared as they are written, in capitals; a method of gRPC is written "
          + "/PACKAGE.SERVICE/METHOD.",
      "write a method of HTTP"),
  IDENTITY_NEVER_KNOWN(
      "MESH0167",
      Severity.WARNING,
      "A policy asks who a client is where nobody can know",
      "Identities come with mutual TLS, and the workload takes none: what such a rule "
          + "allows nobody gets, what it denies everybody may.",
      "let the workload take mutual TLS, or ask for something else"),
  SHADOWED_MATCH(
      "MESH0168",
      Severity.WARNING,
      "A match is never reached",
      "An earlier match, of the same rule or of one before it, takes every request that "
          + "this one would.",
      "remove it, or move it before the wider one"),
  REPEATED_DESTINATION(
      "MESH0169",
      Severity.WARNING,
      "A route names one destination twice",
      "Weights of the same host, subset and port add up; usually another subset was meant.",
      "name another destination, or join the two"),
  WEIGHT_ALONE(
      "MESH0170",
      Severity.INFO,
      "A weight has nothing to be weighed against",
      "Weights are proportions: an only destination gets everything, whatever its weight.",
      "remove the weight, or add the other destinations"),
  SUBSET_WITHOUT_LABELS(
      "MESH0171",
      Severity.INFO,
      "A subset has no labels",
      "It is every workload of the host.",
      "add labels, or leave the subset out"),
  UNUSED_SUBSET(
      "MESH0172",
      Severity.INFO,
      "Settings of a subset hold for nobody",
      "No VirtualService names the subset as a destination, so its trafficPolicy does nothing; a"
          + " subset without one may well wait for its turn.",
      "route to the subset, or remove its settings"),
  PROTOCOLS_DIFFER(
      "MESH0173",
      Severity.WARNING,
      "Two Services read one port of a workload in different ways",
      "A sidecar reads each port of its workload in one way: that of the first Service by "
          + "name.",
      "give both ports the same protocol, or two ports to the workload"),
  PORT_NOT_DECLARED(
      "MESH0174",
      Severity.INFO,
      "A target port is no port of the workload's containers",
      "Container ports are for people only, so this works where somebody listens there all "
          + "the same; often it is a slip.",
      "correct targetPort, or declare the container's port"),
  GATEWAYS_SHARE_HOST(
      "MESH0175",
      Severity.WARNING,
      "Two Gateways have one host at one port of one proxy",
      "Their routes are joined; whose TLS settings hold depends on their order.",
      "give each host to one Gateway"),
  LOOKS_LIKE_WILDCARD(
      "MESH0176",
      Severity.WARNING,
      "A regular expression looks like a wildcard",
      "In an expression * repeats what stands before it: /api/* takes /api, /api/ and "
          + "/api//, not /api/cart.",
      "write a prefix, or .* for anything"),
  MUTUAL_TLS_NOT_TAKEN(
      "MESH0177",
      Severity.WARNING,
      "Mutual TLS is spoken to who takes none",
      "The DestinationRule asks for ISTIO_MUTUAL, and PeerAuthentication of the workload is "
          + "DISABLE: connections fail.",
      "remove the tls settings of the DestinationRule, or the DISABLE"),
  DEPRECATED_ANNOTATION(
      "MESH0178",
      Severity.INFO,
      "An annotation is deprecated",
      "Istio has another way to say it, and will not read this one for ever.",
      "say it in the new way"),

  DEPRECATED_VERSION(
      "MESH0190",
      Severity.INFO,
      "The version of the API is deprecated",
      "The API has a newer version of the kind, and will not serve this one for ever. It means the "
          + "same here.",
      "write the newer version"),

  NO_ROOM_FOR_TWO_RUNTIMES(
      "MESH0191",
      Severity.WARNING,
      "The sidecar's memory limit is too small for a live patch",
      "While a runtime is replaced two of them run in the container. They would not fit the limit,"
          + " so an order to replace it is refused and the pod keeps what it runs.",
      "raise it to 320Mi or more"),

  HOST_NOT_SERVED(
      "MESH0201",
      Severity.ERROR,
      "Nothing serves the host",
      "The host of a split is a Service, a host of a ServiceEntry, or a host at a gateway.",
      "use one of the hosts shown"),
  HOST_NOT_SPLIT(
      "MESH0202",
      Severity.ERROR,
      "No resource governs the host",
      "The host is served, but no VirtualService or HTTPRoute says how its traffic is split.",
      "add a VirtualService or HTTPRoute for it"),
  SEVERAL_RULES(
      "MESH0203",
      Severity.ERROR,
      "Several rules govern the host",
      "An edit changes one rule, and the request does not say which.",
      "name the rule"),
  UNKNOWN_RULE(
      "MESH0204",
      Severity.ERROR,
      "The resource has no such rule",
      "Rules are called by their name, or by their place: http[0], rules[1].",
      "use one of the rules shown"),
  UNKNOWN_DESTINATION(
      "MESH0205",
      Severity.ERROR,
      "The host has no such subset or backend",
      "Destinations are called by their subset, or by the name of their Service.",
      "use one of the names shown"),
  SEVERAL_RESOURCES(
      "MESH0206",
      Severity.ERROR,
      "Several resources govern the host",
      "The request does not say which of them is meant.",
      "say the namespace, or name the rule as RESOURCE/RULE"),
  RULE_WITHOUT_DESTINATIONS(
      "MESH0207",
      Severity.ERROR,
      "The rule sends no traffic on",
      "A redirect or a direct response has no destinations to split between.",
      "name another rule"),
  NOT_EDITABLE(
      "MESH0208",
      Severity.ERROR,
      "The weights cannot be edited by themselves",
      "The text shares the value with another place (an anchor), or two destinations of the rule"
          + " have one name; an edit would change more than was asked.",
      "write the destinations out, then try again"),
  FILE_CHANGED(
      "MESH0209",
      Severity.ERROR,
      "The file changed since it was read",
      "Writing would undo somebody's change.",
      "try again"),
  NO_WEIGHTS(
      "MESH0210",
      Severity.ERROR,
      "The request has no weights",
      "A split is set by naming destinations with their weights.",
      "write NAME=WEIGHT, for example v1=90 v2=10"),

  MAY_NOT_READ(
      "MESH0211",
      Severity.WARNING,
      "A kind of the cluster may not be read",
      "Whoever reads the cluster is not permitted to list and watch objects of the kind, so none of"
          + " them counts. The finding names the resource as roles do.",
      "allow it in the ClusterRole of whoever reads"),
  KEPT_AS_IT_WAS(
      "MESH0212",
      Severity.WARNING,
      "An object stays in force as it last was",
      "It contradicts itself, which holds up no other object: what it said when it last made sense"
          + " goes on.",
      "see the errors of this object"),
  CLOSED_UNTIL_MENDED(
      "MESH0213",
      Severity.WARNING,
      "A policy that makes no sense is closed until it is mended",
      "Left out, it would permit what it was to forbid: an AuthorizationPolicy denies all that it"
          + " covers, a PeerAuthentication takes mutual TLS only.",
      "see the errors of this object"),
  LEFT_OUT(
      "MESH0214",
      Severity.WARNING,
      "An object is not in force",
      "It contradicts itself and never made sense before, so there is nothing of it to keep.",
      "see the errors of this object"),
  CLUSTER_AWAY(
      "MESH0215",
      Severity.WARNING,
      "The API server does not answer",
      "What was known of the cluster stays in force, and changes are not seen until it is back.",
      "nothing to do if it comes back"),
  NOT_READ_YET(
      "MESH0216",
      Severity.WARNING,
      "The cluster has not been read whole yet",
      "Half of a configuration is another configuration, so nothing of it is in force before all of"
          + " it is there.",
      "wait for the API server to answer"),

  UNKNOWN_INJECTION_ANNOTATION(
      "MESH0220",
      Severity.WARNING,
      "An annotation for the injector is not known",
      "It has a prefix that only injectors read, and a name that none of them knows: the sidecar"
          + " is made as if it were not there.",
      "correct its name, or remove it"),
  BAD_INJECTION_ANNOTATION(
      "MESH0221",
      Severity.WARNING,
      "An annotation for the injector has a value that cannot be used",
      "The injector refuses the pod rather than guess: a port left out by mistake is traffic"
          + " without the mesh.",
      "write what is expected");

  private final String code;
  private final Severity severity;
  private final String title;
  private final String explanation;
  private final String fix;

  DiagnosticCode(String code, Severity severity, String title, String explanation, String fix) {
    this.code = code;
    this.severity = severity;
    this.title = title;
    this.explanation = explanation;
    this.fix = fix;
  }

  /** Raised by the state of a running mesh and of its cluster, and by no text. */
  public boolean isOfRunningMesh() {
    return switch (this) {
      case MAY_NOT_READ,
          KEPT_AS_IT_WAS,
          CLOSED_UNTIL_MENDED,
          LEFT_OUT,
          CLUSTER_AWAY,
          NOT_READ_YET ->
          true;
      default -> false;
    };
  }

  /** {@code MESH0001}. */
  public String code() {
    return code;
  }

  public Severity severity() {
    return severity;
  }

  /** One line, without a full stop. */
  public String title() {
    return title;
  }

  /** Why it matters, one paragraph. */
  public String explanation() {
    return explanation;
  }

  /** What to do in general; a finding may say it more exactly. */
  public String fix() {
    return fix;
  }

  /** For people and anchors: {@code unparsable-yaml}. */
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A finding with the general fix. */
  public Diagnostic at(String subject, Position position, String field, String problem) {
    return at(subject, position, field, problem, fix);
  }

  /** A finding with a fix of its own. */
  public Diagnostic at(
      String subject, Position position, String field, String problem, String itsFix) {
    return new Diagnostic(code, severity, subject, position, field, problem, itsFix);
  }
}
