package io.chainrule.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The services of docker-compose.yml, by name. */
record ComposeFile(SortedMap<String, JsonNode> services) {
    private static final String DEFAULT = "chainrule";

    static ComposeFile read() throws IOException {
        Object file = new Yaml().load(Files.readString(Path.of("docker-compose.yml")));
        var services = new TreeMap<String, JsonNode>();
        JsonMapper.shared().<JsonNode>valueToTree(file).path("services").forEachEntry(services::put);
        return new ComposeFile(services);
    }

    /** The one that runs without a profile. */
    JsonNode service() {
        return service(DEFAULT);
    }

    JsonNode service(String name) {
        return Objects.requireNonNull(services.get(name), name);
    }

    /** The names of those of a profile; of "", those that need none. */
    List<String> inProfile(String profile) {
        return services.keySet().stream().filter(name -> service(name).path("profiles").path(0).asString("").equals(profile)).toList();
    }

    /** Folders in the container that can be written to, with their options, as {@code /tmp:size=16m}. */
    List<String> tmpfs() {
        return service().path("tmpfs").valueStream().map(JsonNode::stringValue).toList();
    }
}
