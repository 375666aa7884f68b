package io.chainrule.web;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A request that the API's document shows, and that is right. */
record ExampleRequest(String path, JsonNode body) {
    /** All of them, in an order that is the same on every file system, so that a seed draws the same ones everywhere. */
    static List<ExampleRequest> all() throws IOException {
        JsonMapper json = new JsonMapper();
        List<ExampleRequest> examples = new ArrayList<>();
        Resource[] files = new PathMatchingResourcePatternResolver().getResources("classpath*:examples/*/*.json");
        Arrays.sort(files, Comparator.comparing(Resource::getDescription));
        for (Resource file : files) {
            String operation = file.getURI().toString().replaceAll(".*/([a-z]+)/[^/]+$", "$1");
            examples.add(new ExampleRequest("/v1/" + operation, json.readTree(file.getContentAsByteArray()).path("request")));
        }
        return examples;
    }
}
