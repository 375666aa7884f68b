package io.chainrule.web.json;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Marks an endpoint that takes the fields of a request as the parameters of a query. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface LinkTo {
    /** The request that a POST has as its body. */
    Class<? extends Record> value();

    /** A program that the link may have; {@link #inputs} are its inputs. */
    String expression() default "f = (x + y) * z";

    String inputs() default "{\"x\": -2, \"y\": 5, \"z\": -4}";

    /** The fields of a request that a link may have. */
    final class Fields {
        /** Programs in JSON, and what goes with a network, are too long for an address. */
        private static final Set<String> BODIES_ONLY = Set.of("graph", "network", "parameters", "initializer", "training", "seed");

        private Fields() {}

        /** The fields by name, {@code expression} and {@code inputs} first. */
        public static Map<String, RecordComponent> of(Class<? extends Record> request) {
            Map<String, RecordComponent> fields = new LinkedHashMap<>();
            for (RecordComponent field : List.of(request.getRecordComponents())) {
                if (!BODIES_ONLY.contains(field.getName())) {
                    fields.put(field.getName(), field);
                }
            }
            return fields;
        }

        /** Whether the text of a parameter is names parted by commas. */
        public static boolean isNames(RecordComponent field, String text) {
            List<String> words = Values.WORDS_OR_IDS.get(field.getType());
            return isNames(field) || words != null && !text.startsWith("[") && !words.contains(text);
        }

        /** Whether the field is a list of names. A link may repeat its parameter, once for each name. */
        public static boolean isNames(RecordComponent field) {
            return field.getGenericType() instanceof ParameterizedType list && list.getRawType() == List.class
                    && list.getActualTypeArguments()[0] == String.class;
        }

        /** Whether the parameter is an object or an array of JSON, whatever it holds. */
        public static boolean isJson(RecordComponent field) {
            return field.getType() == Map.class || field.getType() == List.class && !isNames(field) || field.getType().isRecord();
        }
    }
}
