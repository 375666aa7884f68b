package io.chainrule.web.openapi;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import tools.jackson.databind.json.JsonMapper;

/**
 * Named examples. A request is a file {@code examples/<operation>/<name>.json}: a summary and a body that runs as it stands. What the
 * service answers to it is {@code answers/<operation>/<name>.json}, unless that is long; Swagger UI shows it beside the request, since
 * both have the same name. Lookups and links have answers alone, pictures requests alone.
 */
@Component
class Examples implements GlobalOperationCustomizer {
    private static final String JSON = org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

    private final ResourcePatternResolver resources;
    private final JsonMapper json;

    Examples(ResourcePatternResolver resources, JsonMapper json) {
        this.resources = resources;
        this.json = json;
    }

    private record ExampleFile(String summary, Object request) {}

    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        try {
            ApiResponse done = operation.getResponses().get("200");
            // Endpoints that make and revoke keys answer 201 and 204, and these answers have no examples.
            MediaType answers = done == null || done.getContent() == null ? null : done.getContent().get(JSON);
            if (operation.getRequestBody() != null) {
                MediaType requests = operation.getRequestBody().getContent().get(JSON);
                if (requests != null) {
                    addRequests(operation.getOperationId(), requests, answers);
                }
            } else if (answers != null) {
                for (Resource file : files("answers/" + operation.getOperationId() + "/*.json")) {
                    answers.addExamples(name(file), new Example().value(read(file, Object.class)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return operation;
    }

    private void addRequests(String operation, MediaType requests, @Nullable MediaType answers) throws IOException {
        for (Resource file : files("examples/" + operation + "/*.json")) {
            ExampleFile example = read(file, ExampleFile.class);
            requests.addExamples(name(file), new Example().summary(example.summary()).value(example.request()));
            Resource answer = resources.getResource("classpath:answers/" + operation + "/" + file.getFilename());
            if (answers != null && answer.exists()) {
                answers.addExamples(name(file), new Example().summary(example.summary()).value(read(answer, Object.class)));
            }
        }
    }

    /** Orders examples by length, because a new user sees the first one. */
    private Resource[] files(String pattern) throws IOException {
        Resource[] files = resources.getResources("classpath*:" + pattern);
        Arrays.sort(files, Comparator.comparingLong(Examples::length).thenComparing(Examples::name));
        return files;
    }

    private static long length(Resource file) {
        try {
            return file.contentLength();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Resource file) {
        return Objects.requireNonNull(file.getFilename()).replace(".json", "");
    }

    private <T> T read(Resource file, Class<T> type) throws IOException {
        try (InputStream stream = file.getInputStream()) {
            return json.readValue(stream, type);
        }
    }
}
