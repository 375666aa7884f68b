package io.chainrule.web.openapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.chainrule.web.json.CodesOf;
import io.chainrule.web.json.OptionsOf;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Translates the nullness of Java types into schemas: a component of a record that cannot be null is required. In requests, null stands for
 * an absent field; schemas allow it there, so that generated clients do not send an empty list instead.
 */
@Component
class Nullness implements ModelConverter {

    @Override
    public @Nullable Schema<?> resolve(AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        if (!chain.hasNext()) {
            return null;
        }
        Schema<?> schema = chain.next().resolve(type, context, chain);
        Class<?> raw = TypeFactory.defaultInstance().constructType(type.getType()).getRawClass();
        String name = schema == null ? null : name(schema);
        Schema<?> model = name == null ? null : context.getDefinedModels().get(name);
        if (raw.isRecord() && model != null) {
            describe(raw, model);
        }
        return schema;
    }

    /** A schema stands for a model by reference, or is the model. */
    private static @Nullable String name(Schema<?> schema) {
        String ref = schema.get$ref();
        return ref == null ? schema.getName() : ref.substring(ref.lastIndexOf('/') + 1);
    }

    private static void describe(Class<?> type, Schema<?> model) {
        Stream.of(type.getRecordComponents()).map(component -> component.getAnnotation(OptionsOf.class)).filter(Objects::nonNull)
                .forEach(options -> OptionSchemas.add(options, model));
        boolean isRead = Boolean.FALSE.equals(model.getAdditionalProperties());
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.isAnnotationPresent(OptionsOf.class)) {
                continue;
            }
            JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
            String name = renamed == null ? component.getName() : renamed.value();
            JsonInclude included = component.getAccessor().getAnnotation(JsonInclude.class);
            CodesOf codes = component.getAnnotation(CodesOf.class);
            if (codes != null) {
                OptionSchemas.setCodes(Objects.requireNonNull(model.getProperties().get(name)), codes.value());
            }
            if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                if (included == null || included.value() != JsonInclude.Include.NON_EMPTY) {
                    model.addRequiredItem(name);
                }
            } else if (isRead && (model.getRequired() == null || !model.getRequired().contains(name))) {
                allowNull(model.getProperties().get(name));
            }
        }
    }

    private static void allowNull(@Nullable Schema<?> property) {
        if (property != null && property.getTypes() != null && property.getEnum() == null) {
            property.addType("null");
        }
    }
}
