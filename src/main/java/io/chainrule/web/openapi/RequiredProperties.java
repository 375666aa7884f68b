package io.chainrule.web.openapi;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What cannot be null in a record must be there in its JSON: Java's types say it once. */
@Component
class RequiredProperties implements ModelConverter {

    @Override
    public @Nullable Schema<?> resolve(AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        if (!chain.hasNext()) {
            return null;
        }
        Schema<?> schema = chain.next().resolve(type, context, chain);
        Class<?> raw = TypeFactory.defaultInstance().constructType(type.getType()).getRawClass();
        Schema<?> model = schema == null || schema.get$ref() == null ? null : context.getDefinedModels().get(name(schema.get$ref()));
        if (raw.isRecord() && model != null) {
            require(raw, model);
        }
        return schema;
    }

    private static String name(String ref) {
        return ref.substring(ref.lastIndexOf('/') + 1);
    }

    private static void require(Class<?> type, Schema<?> model) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
                model.addRequiredItem(renamed == null ? component.getName() : renamed.value());
            }
        }
    }
}
