package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder with a kustomization.yaml, and what kustomize makes of it, as far as ours need it: resources, strategic merges of maps and of
 * lists whose items have names, and ConfigMaps made of variables, whose names get no hash here. Anything else it refuses.
 */
record Kustomization(Path folder, ObjectNode file) {
    private static final String FILE = "kustomization.yaml";
    private static final Set<String> KNOWN = Set.of("apiVersion", "kind", "resources", "patches", "configMapGenerator");

    static Kustomization read(Path folder) throws IOException {
        ObjectNode file = (ObjectNode) documents(folder.resolve(FILE)).getFirst();
        assertThat(KNOWN).as("%s: what this test knows", folder).containsAll(file.propertyNames());
        return new Kustomization(folder, file);
    }

    static List<JsonNode> documents(Path file) throws IOException {
        return documents(Files.readString(file));
    }

    static List<JsonNode> documents(String text) {
        return StreamSupport.stream(new Yaml().loadAll(text).spliterator(), false)
                .map(document -> JsonMapper.shared().<JsonNode>valueToTree(document)).toList();
    }

    private List<String> words(String list) {
        return file.path(list).valueStream().map(JsonNode::asString).toList();
    }

    /** The files that it names, but for those of other folders. */
    Set<String> named() {
        Set<String> names = new TreeSet<>(Set.of(FILE));
        words("resources").stream().filter(name -> name.endsWith(".yaml")).forEach(names::add);
        file.path("patches").forEach(patch -> names.add(patch.path("path").asString()));
        file.path("configMapGenerator").forEach(map -> map.path("envs").forEach(env -> names.add(env.asString())));
        return names;
    }

    List<ObjectNode> rendered() throws IOException {
        List<ObjectNode> all = new ArrayList<>();
        for (String name : words("resources")) {
            Path path = folder.resolve(name);
            if (Files.isDirectory(path)) {
                all.addAll(read(path.normalize()).rendered());
            } else {
                documents(path).forEach(document -> all.add((ObjectNode) document));
            }
        }
        for (JsonNode map : file.path("configMapGenerator")) {
            generate(map, all);
        }
        for (JsonNode patch : file.path("patches")) {
            assertThat(patch.propertyNames()).containsExactly("path");
            for (JsonNode document : documents(folder.resolve(patch.path("path").asString()))) {
                merge(find(all, document.path("kind").asString(), document.at("/metadata/name").asString()), (ObjectNode) document);
            }
        }
        return all;
    }

    /** The one of this kind and name, which has to exist. */
    static ObjectNode find(List<ObjectNode> all, String kind, String name) {
        List<ObjectNode> found = all.stream()
                .filter(one -> one.path("kind").asString().equals(kind) && one.at("/metadata/name").asString().equals(name)).toList();
        assertThat(found).as("%s %s", kind, name).hasSize(1);
        return found.getFirst();
    }

    private void generate(JsonNode map, List<ObjectNode> all) throws IOException {
        assertThat(Set.of("name", "behavior", "envs", "literals")).containsAll(map.propertyNames());
        String name = map.path("name").asString();
        ObjectNode made;
        if (map.path("behavior").asString("create").equals("merge")) {
            made = find(all, "ConfigMap", name);
        } else {
            made = JsonMapper.shared().createObjectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
            made.putObject("metadata").put("name", name);
            all.add(made);
        }
        ObjectNode data = made.withObject("/data");
        List<String> lines = new ArrayList<>();
        for (JsonNode env : map.path("envs")) {
            Files.readAllLines(folder.resolve(env.asString())).stream().filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(lines::add);
        }
        map.path("literals").forEach(literal -> lines.add(literal.asString()));
        for (String line : lines) {
            String[] parts = line.split("=", 2);
            data.put(parts[0], parts[1]);
        }
    }

    private static void merge(ObjectNode target, ObjectNode patch) {
        patch.forEachEntry((key, value) -> {
            JsonNode old = target.path(key);
            if (value.isNull()) {
                target.remove(key);
            } else if (value instanceof ObjectNode change && old instanceof ObjectNode map) {
                merge(map, change);
            } else if (value instanceof ArrayNode items && old instanceof ArrayNode list && items.path(0).has("name")) {
                merge(list, items);
            } else {
                target.set(key, value.deepCopy());
            }
        });
    }

    /** As kustomize orders them: those of the patch come first. */
    private static void merge(ArrayNode list, ArrayNode patch) {
        List<JsonNode> others = new ArrayList<>(list.valueStream().toList());
        list.removeAll();
        for (JsonNode item : patch) {
            JsonNode old = others.stream().filter(other -> other.path("name").equals(item.path("name"))).findFirst().orElse(null);
            if (old == null) {
                list.add(item.deepCopy());
            } else {
                others.remove(old);
                merge((ObjectNode) old, (ObjectNode) item);
                list.add(old);
            }
        }
        others.forEach(list::add);
    }
}
