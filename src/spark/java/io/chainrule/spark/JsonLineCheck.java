package io.chainrule.spark;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a line of JSON, as the service says of files whose rows it counts. Spark's reader takes each element of an array
 * as a row, passes over what follows the first object of a line, and takes the last of two cells with one name, and tells none of it.
 */
final class JsonLineCheck implements FlatMapFunction<Row, String> {
    @Serial
    private static final long serialVersionUID = 1L;
    /** All jobs of an executor share its table of names, so that colliding names of one file must not have others refused. */
    private static final JsonFactory JSON = JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW).build();
    private static final int TOLD = 100;

    /** What is wrong with the line that the row has as bytes; nothing if nothing is. */
    @Override
    public Iterator<String> call(Row row) throws IOException {
        byte[] line = row.getAs(0);
        String wrong = isBlank(line) ? null : wrong(line);
        if (wrong == null) {
            return Collections.emptyIterator();
        }
        String text = new String(line, 0, Math.min(line.length, TOLD), StandardCharsets.UTF_8).strip();
        return List.of(wrong + " in the line that begins with " + text).iterator();
    }

    private static boolean isBlank(byte[] line) {
        for (byte one : line) {
            if (one > ' ' || one < 0) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String wrong(byte[] line) throws IOException {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "there is no object of JSON";
            }
            Set<String> names = new HashSet<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                if (!names.add(parser.currentName())) {
                    return "there is '" + parser.currentName() + "' twice";
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return parser.nextToken() == null ? null : "something follows the object of JSON";
        } catch (JsonProcessingException e) {
            return "there is no object of JSON: " + e.getOriginalMessage();
        }
    }
}
