package io.chainrule.web.problem;

import io.chainrule.core.graph.Nearest;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Finds the endpoint that was meant by an address at which there is none. */
@Component
class NearestEndpoint {
    /** No misspelt path is much longer than an endpoint's. */
    private static final int LONGEST_PATH = 128;
    /** Nothing shorter is taken for the beginning of an endpoint's name. */
    private static final int SHORTEST_BEGINNING = 3;

    private final ObjectProvider<RequestMappingHandlerMapping> mappings;

    /** The mapping is looked up late, because it needs the advice that needs this. */
    NearestEndpoint(ObjectProvider<RequestMappingHandlerMapping> requestMappingHandlerMapping) {
        mappings = requestMappingHandlerMapping;
    }

    /**
     * Returns a hint such as "did you mean 'POST /v1/gradient'?". If no endpoint has a similar path, the hint says where all are listed.
     *
     * @param base the context path of the service, which {@code path} does not contain
     */
    String hint(String base, String path) {
        Map<String, String> methods = methods();
        Optional<String> nearest = path.length() > LONGEST_PATH ? Optional.empty() : find(path, List.copyOf(methods.keySet()));
        return nearest.map(endpoint -> "did you mean '" + methods.get(endpoint) + " " + base + endpoint + "'?")
                .orElse("the endpoints are under %1$s/v1, as POST %1$s/v1/gradient; GET %1$s/v3/api-docs describes them all"
                        .formatted(base));
    }

    /** The methods of each endpoint of the API, by path. Where links by GET stand beside an endpoint for POST, it is that for POST. */
    private Map<String, String> methods() {
        return mappings.stream().flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                .flatMap(info -> info.getPatternValues().stream().filter(pattern -> pattern.startsWith("/v1/"))
                        .map(pattern -> Map.entry(pattern, methods(info))))
                .sorted(Map.Entry.comparingByKey())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a.compareTo(b) > 0 ? a : b,
                        LinkedHashMap::new));
    }

    private static String methods(RequestMappingInfo info) {
        return info.getMethodsCondition().getMethods().stream().map(Enum::name).sorted().collect(Collectors.joining(", "));
    }

    /** By how the endpoint's name begins, else by the whole path, else by the name behind another prefix, each but for slips of the pen. */
    private static Optional<String> find(String path, List<String> endpoints) {
        String[] segments = path.replaceAll("/+$", "").split("/", -1);
        String last = segments[segments.length - 1].toLowerCase(Locale.ROOT);
        Map<String, String> wholes = keyed(endpoints.stream(), endpoint -> filled(endpoint, segments));
        Map<String, String> names = keyed(endpoints.stream().filter(endpoint -> !endpoint.endsWith("}")),
                endpoint -> endpoint.substring(endpoint.lastIndexOf('/') + 1));
        return Optional.ofNullable(names.get(last))
                .or(() -> shortest(names.keySet().stream().filter(name -> isBeginning(last, name))).map(names::get))
                .or(() -> Nearest.name(String.join("/", segments), wholes.keySet()).map(wholes::get))
                .or(() -> Nearest.name(last, names.keySet()).map(names::get))
                .or(() -> shortest(names.keySet().stream().filter(name -> isBeginning(name, last))).map(names::get));
    }

    private static Map<String, String> keyed(Stream<String> endpoints, UnaryOperator<String> key) {
        return endpoints.collect(Collectors.toMap(key, endpoint -> endpoint, (a, _) -> a, LinkedHashMap::new));
    }

    private static Optional<String> shortest(Stream<String> names) {
        return names.min(Comparator.comparingInt(String::length));
    }

    /** The endpoint with what the path has in place of its variables. */
    private static String filled(String endpoint, String[] segments) {
        String[] pattern = endpoint.split("/", -1);
        if (pattern.length != segments.length) {
            return endpoint;
        }
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i].startsWith("{")) {
                pattern[i] = segments[i];
            }
        }
        return String.join("/", pattern);
    }

    private static boolean isBeginning(String beginning, String name) {
        return beginning.length() >= SHORTEST_BEGINNING && name.startsWith(beginning);
    }
}
