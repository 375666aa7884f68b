package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads shapes such as {@code [2, 3]}. */
final class Shapes {
    private Shapes() {}

    static Shape read(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw BadValueException.wrongType(parser, "a list of lengths such as [2, 3]");
        }
        List<Integer> lengths = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (lengths.size() == NestedArrays.MOST_AXES) {
                throw NestedArrays.tooManyAxes(parser);
            }
            lengths.add(Numbers.length(parser));
        }
        return Shape.of(lengths);
    }
}
