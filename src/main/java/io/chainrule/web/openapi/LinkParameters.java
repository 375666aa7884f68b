package io.chainrule.web.openapi;

import io.chainrule.web.json.LinkTo;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.converter.ResolvedSchema;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.SpecVersion;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.QueryParameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;

/** Describes the parameters of links by the fields of the request that they stand for. */
@Component
class LinkParameters implements GlobalOperationCustomizer {
    private static final Set<String> SIMPLE = Set.of("integer", "boolean", "number");

    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        LinkTo link = method.getMethodAnnotation(LinkTo.class);
        if (link != null) {
            ResolvedSchema resolved = ModelConverters.getInstance(true).resolveAsResolvedSchema(new AnnotatedType(link.value()));
            Map<?, ?> properties = Objects.requireNonNull(resolved.referencedSchemas.get(link.value().getSimpleName())).getProperties();
            List<Parameter> parameters = new ArrayList<>(
                    Objects.requireNonNullElse(operation.getParameters(), List.<Parameter>of()).stream()
                            .filter(parameter -> !"query".equals(parameter.getIn())).toList());
            LinkTo.Fields.of(link.value()).forEach((name, field) -> parameters
                    .add(parameter(link, name, field, (Schema<?>) Objects.requireNonNull(properties.get(name), name))));
            operation.setParameters(parameters);
        }
        return operation;
    }

    private static Parameter parameter(LinkTo link, String name, RecordComponent field, Schema<?> property) {
        Parameter parameter = new QueryParameter().name(name).schema(schema(field, property));
        return switch (name) {
            case "expression" -> parameter.example(link.expression())
                    .description("The program as text, one statement a line or parted by `;`; the last statement is the output.");
            case "inputs" -> parameter.example(link.inputs())
                    .description("The values of inputs, by name, as JSON. In place of it each may have a parameter `in.NAME`.");
            default -> parameter.description(property.getDescription());
        };
    }

    /** Names are parted by commas; other values are written as in JSON. */
    private static Schema<?> schema(RecordComponent field, Schema<?> property) {
        Schema<Object> schema = new Schema<>(SpecVersion.V31);
        Set<String> types = property.getTypes() == null ? Set.of() : property.getTypes();
        String type = field.getType() == List.class ? "string" : types.stream().filter(SIMPLE::contains).findFirst().orElse("string");
        schema.setTypes(new LinkedHashSet<>(Set.of(type)));
        if (property.getEnum() != null) {
            schema.setEnum(new ArrayList<>(property.getEnum()));
        }
        return schema;
    }
}
