package io.chainrule.web.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
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
import org.springframework.stereotype.Component;

/**
 * The OpenAPI document, written once. Springdoc itself would write it for each request, and keep one for each language that a client asks
 * for, though all are the same.
 */
@Component
class KeptDocument extends OpenApiWebMvcResource {
    private byte @Nullable [] json;
    private byte @Nullable [] yaml;

    KeptDocument(ObjectFactory<OpenAPIService> document, AbstractRequestService requests, GenericResponseService responses,
            OperationService operations, SpringDocConfigProperties properties, SpringDocProviders providers,
            SpringDocCustomizers customizers) {
        super(document, requests, responses, operations, properties, providers, customizers);
    }

    @Override
    public synchronized byte[] openapiJson(HttpServletRequest request, String address, Locale locale) throws JsonProcessingException {
        byte[] known = json;
        if (known == null) {
            known = super.openapiJson(request, address, Locale.ENGLISH);
            json = known;
        }
        return known;
    }

    @Override
    public synchronized byte[] openapiYaml(HttpServletRequest request, String address, Locale locale) throws JsonProcessingException {
        byte[] known = yaml;
        if (known == null) {
            known = super.openapiYaml(request, address, Locale.ENGLISH);
            yaml = known;
        }
        return known;
    }
}
