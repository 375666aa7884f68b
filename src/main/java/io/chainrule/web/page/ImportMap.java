package io.chainrule.web.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where each library's module is. The libraries are the WebJars on the class path that are modules; they import each other by names that
 * browsers look up here. The addresses hold the libraries' versions, so that browsers may keep what they load from them.
 */
record ImportMap(Map<String, String> modules) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** Where a {@code package.json} may name the library's module. */
    private static final List<String> MODULE = List.of("/exports/import", "/exports/./import/default", "/module");
    private static final String ROOT = "META-INF/resources";

    static ImportMap ofWebJars() {
        Map<String, String> modules = new TreeMap<>();
        try {
            for (Resource file : new PathMatchingResourcePatternResolver()
                    .getResources("classpath*:" + ROOT + "/webjars/*/*/package.json")) {
                JsonNode library = read(file);
                String folder = folder(file);
                MODULE.stream().map(library::at).filter(JsonNode::isString).findFirst().ifPresent(module -> modules
                        .put(library.path("name").asString(), folder + "/" + module.asString().replaceFirst("^[.]/", "")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ImportMap(modules);
    }

    private static JsonNode read(Resource file) throws IOException {
        try (InputStream in = file.getInputStream()) {
            return JSON.readTree(in);
        }
    }

    private static String folder(Resource file) throws IOException {
        String path = file.getURL().getPath();
        return path.substring(path.lastIndexOf(ROOT) + ROOT.length(), path.lastIndexOf('/'));
    }

    /** The text of the module at this address. */
    String source(String address) {
        try {
            return new ClassPathResource(ROOT + address).getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the map as the text of a script of type {@code importmap}. Its addresses are relative to the page, because the service may
     * have a context path.
     */
    String text() {
        Map<String, String> relative = new TreeMap<>();
        modules.forEach((name, address) -> relative.put(name, "." + address));
        return JSON.writeValueAsString(Map.of("imports", relative));
    }
}
