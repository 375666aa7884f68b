package io.chainrule.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one service of docker-compose.yml. */
record ComposeFile(JsonNode service) {
    static ComposeFile read() throws IOException {
        Object file = new Yaml().load(Files.readString(Path.of("docker-compose.yml")));
        return new ComposeFile(JsonMapper.shared().<JsonNode>valueToTree(file).at("/services/chainrule"));
    }

    /** Folders in the container that can be written to, with their options, as {@code /tmp:size=16m}. */
    List<String> tmpfs() {
        return service.path("tmpfs").valueStream().map(JsonNode::stringValue).toList();
    }
}
