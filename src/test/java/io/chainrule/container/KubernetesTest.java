package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The manifests for Kubernetes fit each other, the image and docker-compose.yml, and say nothing that Kubernetes does not know. */
class KubernetesTest {
    static final Path FOLDER = Path.of("deploy/kubernetes");
    private static final String NAME = "chainrule";
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of("Deployment", Deployment.class, "Service", Service.class,
            "ServiceAccount", ServiceAccount.class, "ConfigMap", ConfigMap.class, "NetworkPolicy", NetworkPolicy.class,
            "HorizontalPodAutoscaler", HorizontalPodAutoscaler.class, "PodDisruptionBudget", PodDisruptionBudget.class,
            "PersistentVolumeClaim", PersistentVolumeClaim.class);
    private static final Map<String, String> VERSIONS = Map.of("Deployment", "apps/v1", "NetworkPolicy", "networking.k8s.io/v1",
            "HorizontalPodAutoscaler", "autoscaling/v2", "PodDisruptionBudget", "policy/v1", "ServiceMonitor", "monitoring.coreos.com/v1");

    /** The types of Kubernetes take any field, so that theirs can be told from others only if these setters are not seen. */
    private static final JsonMapper STRICT = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(MapperConfig<?> config, Annotated member) {
                    return false;
                }
            }).build();

    static List<ObjectNode> overlay(String name) throws IOException {
        return Kustomization.read(FOLDER.resolve("overlays").resolve(name)).rendered();
    }

    private static <T extends HasMetadata> T only(List<ObjectNode> manifests, Class<T> type) {
        return STRICT.treeToValue(Kustomization.find(manifests, type.getSimpleName(), NAME), type);
    }

    private static PodSpec pod(List<ObjectNode> manifests) {
        return only(manifests, Deployment.class).getSpec().getTemplate().getSpec();
    }

    private static Container container(List<ObjectNode> manifests) {
        List<Container> containers = pod(manifests).getContainers();
        assertThat(containers).hasSize(1);
        return containers.getFirst();
    }

    static Stream<Path> folders() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.getFileName().toString().equals("kustomization.yaml")).map(Path::getParent).toList().stream();
        }
    }

    @Test
    void everyFileIsNamedByItsFolder() throws IOException {
        Set<Path> named = new TreeSet<>();
        for (Path folder : folders().toList()) {
            Kustomization.read(folder).named().forEach(name -> named.add(folder.resolve(name)));
        }
        try (Stream<Path> files = Files.walk(FOLDER)) {
            assertThat(files.filter(Files::isRegularFile)).containsExactlyInAnyOrderElementsOf(named);
        }
    }

    /** What is written in two places is not told apart by a name that is missing. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void saysOnlyWhatKubernetesKnows(String overlay) throws IOException {
        for (ObjectNode manifest : overlay(overlay)) {
            String kind = manifest.path("kind").asString();
            assertThat(manifest.path("apiVersion").asString()).as(kind).isEqualTo(VERSIONS.getOrDefault(kind, "v1"));
            assertThat(manifest.at("/metadata/name").asString()).as(kind).startsWith(NAME);
            assertThat(manifest.path("metadata").has("namespace")).as("which is the user's choice").isFalse();
            // The operator of Prometheus brings this kind, for which there is no type.
            if (kind.equals("ServiceMonitor")) {
                assertThat(manifest.path("spec").propertyNames()).containsExactlyInAnyOrder("jobLabel", "selector", "endpoints");
                assertThat(manifest.at("/spec/endpoints/0").propertyNames()).containsExactlyInAnyOrder("port", "path", "interval",
                        "authorization");
                assertThat(manifest.at("/spec/endpoints/0/authorization").propertyNames()).containsExactlyInAnyOrder("type", "credentials");
            } else {
                assertThat(STRICT.treeToValue(manifest, Objects.requireNonNull(KINDS.get(kind), kind))).isNotNull();
            }
        }
    }

    @Test
    void overlaysHaveWhatTheyAreFor() throws IOException {
        assertThat(overlay("single")).extracting(one -> one.path("kind").asString()).containsExactlyInAnyOrder("Deployment", "Service",
                "ServiceAccount", "NetworkPolicy", "ConfigMap", "PersistentVolumeClaim");
        assertThat(overlay("replicated")).extracting(one -> one.path("kind").asString()).containsExactlyInAnyOrder("Deployment", "Service",
                "ServiceAccount", "NetworkPolicy", "ConfigMap", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceMonitor",
                "PersistentVolumeClaim");
    }

    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void selectorsFindTheirPods(String overlay) throws IOException {
        List<ObjectNode> manifests = overlay(overlay);
        Deployment deployment = only(manifests, Deployment.class);
        Map<String, String> labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
        List<Map<String, String>> selectors = new ArrayList<>();
        selectors.add(deployment.getSpec().getSelector().getMatchLabels());
        selectors.add(only(manifests, Service.class).getSpec().getSelector());
        selectors.add(only(manifests, NetworkPolicy.class).getSpec().getPodSelector().getMatchLabels());
        if (overlay.equals("replicated")) {
            selectors.add(only(manifests, PodDisruptionBudget.class).getSpec().getSelector().getMatchLabels());
            pod(manifests).getTopologySpreadConstraints().forEach(spread -> selectors.add(spread.getLabelSelector().getMatchLabels()));
        }
        assertThat(selectors).allSatisfy(selector -> assertThat(labels).isNotEmpty().containsAllEntriesOf(selector));
    }

    @Test
    void theMonitorFindsTheServiceAndTheAutoscalerTheDeployment() throws IOException {
        List<ObjectNode> manifests = overlay("replicated");
        Service service = only(manifests, Service.class);
        JsonNode monitor = Kustomization.find(manifests, "ServiceMonitor", NAME).path("spec");
        assertThat(monitor.at("/selector/matchLabels").isEmpty()).as(monitor.toString()).isFalse();
        monitor.at("/selector/matchLabels")
                .forEachEntry((label, value) -> assertThat(service.getMetadata().getLabels()).containsEntry(label, value.asString()));
        assertThat(service.getSpec().getPorts()).extracting("name").contains(monitor.at("/endpoints/0/port").asString());
        // The name of the job in the rules for alerts.
        assertThat(service.getMetadata().getLabels().get(monitor.path("jobLabel").asString())).isEqualTo(NAME);
        assertThat(Path.of("deploy/prometheus/alerts.yaml")).content().contains("job=\"" + NAME + "\"");

        HorizontalPodAutoscaler autoscaler = only(manifests, HorizontalPodAutoscaler.class);
        Deployment deployment = only(manifests, Deployment.class);
        assertThat(autoscaler.getSpec().getScaleTargetRef()).returns(deployment.getKind(), target -> target.getKind())
                .returns(deployment.getApiVersion(), target -> target.getApiVersion())
                .returns(deployment.getMetadata().getName(), target -> target.getName());
        // Else each time that the manifest is applied all but these would end.
        assertThat(deployment.getSpec().getReplicas()).isNull();
        assertThat(autoscaler.getSpec().getMinReplicas())
                .isGreaterThan(only(manifests, PodDisruptionBudget.class).getSpec().getMaxUnavailable().getIntVal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void portsAreThoseOfTheImage(String overlay) throws IOException {
        List<ObjectNode> manifests = overlay(overlay);
        Container container = container(manifests);
        assertThat(container.getPorts()).singleElement().returns("http", port -> port.getName()).returns(
                Integer.valueOf(instruction("EXPOSE")), port -> port.getContainerPort());
        List<IntOrString> named = new ArrayList<>();
        Stream.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                .forEach(probe -> named.add(probe.getHttpGet().getPort()));
        only(manifests, Service.class).getSpec().getPorts().forEach(port -> named.add(port.getTargetPort()));
        only(manifests, NetworkPolicy.class).getSpec().getIngress()
                .forEach(rule -> rule.getPorts().forEach(port -> named.add(port.getPort())));
        assertThat(named).hasSize(5).extracting(IntOrString::getStrVal).containsOnly("http");
    }

    private static String instruction(String keyword) throws IOException {
        return Dockerfile.read(Path.of("Dockerfile")).last().instructions().stream().filter(one -> one.keyword().equals(keyword))
                .findFirst().orElseThrow().arguments();
    }

    /** Nobody is sent what a user could only harm with. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void hasNoRightsThatItDoesNotNeed(String overlay) throws IOException {
        List<ObjectNode> manifests = overlay(overlay);
        PodSpec pod = pod(manifests);
        String[] user = instruction("USER").split(":", -1);
        assertThat(pod.getSecurityContext()).returns(true, context -> context.getRunAsNonRoot())
                .returns(Long.valueOf(user[0]), context -> context.getRunAsUser())
                .returns(Long.valueOf(user[1]), context -> context.getRunAsGroup())
                .returns(Long.valueOf(user[1]), context -> context.getFsGroup())
                .returns("RuntimeDefault", context -> context.getSeccompProfile().getType());
        assertThat(container(manifests).getSecurityContext()).returns(false, context -> context.getAllowPrivilegeEscalation())
                .returns(true, context -> context.getReadOnlyRootFilesystem()).returns(null, context -> context.getPrivileged())
                .returns(List.of("ALL"), context -> context.getCapabilities().getDrop())
                .returns(List.of(), context -> context.getCapabilities().getAdd());
        assertThat(pod.getServiceAccountName()).isEqualTo(only(manifests, ServiceAccount.class).getMetadata().getName());
        assertThat(List.of(pod.getAutomountServiceAccountToken(), only(manifests, ServiceAccount.class).getAutomountServiceAccountToken()))
                .containsOnly(false);
        assertThat(pod.getEnableServiceLinks()).isFalse();
        assertThat(pod.getHostNetwork()).isNull();
        NetworkPolicy policy = only(manifests, NetworkPolicy.class);
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec().getEgress().stream().flatMap(rule -> rule.getPorts().stream()).map(port -> port.getPort().getIntVal()))
                .containsExactlyElementsOf(overlay.equals("single") ? List.of() : List.of(53, 53, 5432));
    }

    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void isAsLargeAsInCompose(String overlay) throws IOException {
        Container container = container(overlay(overlay));
        JsonNode composed = ComposeFile.read().service();
        Map<String, Quantity> limits = Map.of("cpu", new Quantity(composed.path("cpus").asString()), "memory", new Quantity("1Gi"));
        assertThat(composed.path("mem_limit").asString()).isEqualTo("1g");
        assertThat(container.getResources().getLimits()).isEqualTo(limits);
        assertThat(container.getResources().getRequests()).isEqualTo(limits);
        assertThat(container.getImage()).isEqualTo(composed.path("image").asString());
    }

    /** Between SIGTERM and SIGKILL there is time for the delay, and then for what requests get to finish. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void requestsCanFinishBeforeItIsKilled(String overlay) throws IOException {
        List<ObjectNode> manifests = overlay(overlay);
        Map<String, String> variables = only(manifests, ConfigMap.class).getData();
        int drained = ComposeFileTest.seconds(Objects.requireNonNull(variables.get("CHAINRULE_DRAIN_DELAY")));
        Probe readiness = container(manifests).getReadinessProbe();
        assertThat(drained).isGreaterThan(readiness.getPeriodSeconds() * readiness.getFailureThreshold());
        assertThat(pod(manifests).getTerminationGracePeriodSeconds()).isGreaterThan(drained + ComposeFileTest.phase());
    }

    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void foldersAreMountedThatAreWrittenTo(String overlay) throws IOException {
        List<ObjectNode> manifests = overlay(overlay);
        Map<String, Volume> volumes = pod(manifests).getVolumes().stream().collect(Collectors.toMap(Volume::getName, volume -> volume));
        Map<String, Volume> mounted = new HashMap<>();
        for (VolumeMount mount : container(manifests).getVolumeMounts()) {
            mounted.put(mount.getMountPath(), Objects.requireNonNull(volumes.remove(mount.getName()), mount.getName()));
        }
        assertThat(volumes).as("volumes that are not mounted").isEmpty();
        assertThat(mounted.keySet()).containsExactlyInAnyOrder("/tmp", instruction("VOLUME"), "/run/secrets/chainrule");
        Map<String, String> variables = only(manifests, ConfigMap.class).getData();
        assertThat(variables.get("CHAINRULE_SECURITY_FIRST_KEY_FILE")).isEqualTo("/run/secrets/chainrule/first-key");
        Volume data = Objects.requireNonNull(mounted.get("/data"));
        assertThat(variables.get("CHAINRULE_DATA_DIRECTORY")).startsWith("/data/");
        assertThat(data.getEmptyDir()).isNull();
        String claim = data.getPersistentVolumeClaim().getClaimName();
        PersistentVolumeClaim claimed = STRICT.treeToValue(Kustomization.find(manifests, "PersistentVolumeClaim", claim),
                PersistentVolumeClaim.class);
        if (overlay.equals("single")) {
            assertThat(claimed.getSpec().getAccessModes()).containsExactly("ReadWriteOncePod");
            assertThat(only(manifests, Deployment.class).getSpec().getStrategy().getType()).isEqualTo("Recreate");
        } else {
            assertThat(claimed.getSpec().getAccessModes()).containsExactly("ReadWriteMany");
            // Each replica reads the data sets that another one has taken.
            assertThat(variables.get("CHAINRULE_DATASETS_DIRECTORY")).startsWith(variables.get("CHAINRULE_DATA_DIRECTORY") + "/");
            assertThat(only(manifests, Deployment.class).getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal())
                    .isZero();
        }
    }

    /** Which secrets have to be made is told; none is among the manifests. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void secretsAreNamedAndNotHeld(String overlay) throws IOException {
        List<ObjectNode> manifests = overlay(overlay);
        assertThat(manifests).extracting(one -> one.path("kind").asString()).doesNotContain("Secret");
        Set<String> secrets = new TreeSet<>();
        for (ObjectNode manifest : manifests) {
            manifest.findParents("secretName").forEach(parent -> secrets.add(parent.path("secretName").asString()));
            manifest.findValues("secretKeyRef").forEach(reference -> secrets.add(reference.path("name").asString()));
            manifest.findValues("credentials").forEach(reference -> secrets.add(reference.path("name").asString()));
        }
        assertThat(secrets).containsExactlyElementsOf(overlay.equals("single")
                ? List.of("chainrule-first-key")
                : List.of("chainrule-database", "chainrule-first-key", "chainrule-metrics"));
        String guide = Files.readString(Path.of("docs/operations.md"));
        assertThat(secrets).allSatisfy(secret -> assertThat(guide).contains("create secret generic " + secret + " "));
    }

    /** Where kubectl is at hand, it makes the same of the files as this test does. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "replicated"})
    void kustomizeMakesTheSame(String overlay) throws IOException, InterruptedException {
        Path kubectl = Stream.of(System.getenv("PATH").split(":", -1)).map(folder -> Path.of(folder, "kubectl")).filter(Files::isExecutable)
                .findFirst().orElse(null);
        assumeTrue(kubectl != null && output(kubectl, "version", "--client").contains("Kustomize Version: v5"),
                "there is no kubectl with kustomize 5 on this machine");
        String made = output(Objects.requireNonNull(kubectl), "kustomize", FOLDER.resolve("overlays").resolve(overlay).toString())
                .replaceAll("(name: chainrule)-[a-z0-9]{10}\\b", "$1");
        assertThat(sorted(Kustomization.documents(made))).isEqualTo(sorted(overlay(overlay)));
    }

    private static List<JsonNode> sorted(List<? extends JsonNode> manifests) {
        return manifests.stream().map(one -> (JsonNode) one).sorted(Comparator.comparing(one -> one.path("kind").asString())).toList();
    }

    private static String output(Path program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
