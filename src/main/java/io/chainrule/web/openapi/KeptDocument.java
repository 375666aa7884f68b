package io.chainrule.web.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.chainrule.service.run.RequestTime;
import io.chainrule.service.run.Waiting;
import io.swagger.v3.oas.models.OpenAPI;
import jakarta.servlet.http.HttpServletRequest;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.SpringDocCustomizers;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.providers.SpringDocProviders;
import org.springdoc.core.service.AbstractRequestService;
import org.springdoc.core.service.GenericResponseService;
import org.springdoc.core.service.OpenAPIService;
import org.springdoc.core.service.OperationService;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The OpenAPI document, written once. Springdoc itself would write it for each request, and keep one for each language that a client asks
 * for, though all are the same. A thread of its own writes it, since that takes seconds in which no time and no turn would be looked at.
 */
@Component
class KeptDocument extends OpenApiWebMvcResource {
    private static final String SERVER = "/";

    private @Nullable CompletableFuture<Forms> forms;

    record Forms(byte[] json, byte[] yaml) {}

    KeptDocument(ObjectFactory<OpenAPIService> document, AbstractRequestService requests, GenericResponseService responses,
            OperationService operations, SpringDocConfigProperties properties, SpringDocProviders providers,
            SpringDocCustomizers customizers) {
        super(document, requests, responses, operations, properties, providers, customizers);
    }

    @Override
    public byte[] openapiJson(HttpServletRequest request, String address, Locale locale) {
        return written().json;
    }

    @Override
    public byte[] openapiYaml(HttpServletRequest request, String address, Locale locale) {
        return written().yaml;
    }

    /** Waits for the document, on a busy machine also for longer than other requests may take. */
    private Forms written() {
        CompletableFuture<Forms> written = forms();
        RequestTime.ignoring(() -> Waiting.aside(written));
        return written.join();
    }

    /** Begins to write it unless that was done before; once more if it failed. */
    @EventListener(classes = ApplicationReadyEvent.class, condition = "@environment.getProperty('chainrule.warm-up', 'true') == 'true'")
    synchronized CompletableFuture<Forms> forms() {
        CompletableFuture<Forms> known = forms;
        if (known == null || known.isCompletedExceptionally()) {
            known = CompletableFuture.supplyAsync(this::write, writing -> Thread.ofPlatform().daemon().name("openapi").start(writing));
            forms = known;
        }
        return known;
    }

    private Forms write() {
        try {
            OpenAPI document = getOpenApi(SERVER, Locale.ENGLISH);
            return new Forms(writeJsonValue(document), writeYamlValue(document));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
