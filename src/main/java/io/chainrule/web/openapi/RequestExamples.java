package io.chainrule.web.openapi;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import tools.jackson.databind.json.JsonMapper;

/** Named examples of requests: files {@code examples/<operation>/<name>.json}, each a summary and a body that runs as it stands. */
@Component
class RequestExamples implements GlobalOperationCustomizer {
    private final ResourcePatternResolver resources;
    private final JsonMapper json;

    RequestExamples(ResourcePatternResolver resources, JsonMapper json) {
        this.resources = resources;
        this.json = json;
    }

    private record ExampleFile(String summary, Object request) {}

    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        if (operation.getRequestBody() != null) {
            for (MediaType content : operation.getRequestBody().getContent().values()) {
                addExamples(operation.getOperationId(), content);
            }
        }
        return operation;
    }

    private void addExamples(String operation, MediaType content) {
        try {
            Resource[] files = resources.getResources("classpath*:examples/" + operation + "/*.json");
            Arrays.sort(files, Comparator.comparing(Resource::getFilename));
            for (Resource file : files) {
                try (InputStream stream = file.getInputStream()) {
                    ExampleFile example = json.readValue(stream, ExampleFile.class);
                    String name = Objects.requireNonNull(file.getFilename()).replace(".json", "");
                    content.addExamples(name, new Example().summary(example.summary()).value(example.request()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
