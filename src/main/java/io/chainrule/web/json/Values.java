package io.chainrule.web.json;

import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the kinds of values that requests contain. */
final class Values {
    private static final int DEEPEST_LIST = 32;
    private static final List<String> SELECTIONS = List.of("all", "named", "none");
    private static final List<String> GATE_FORMS = names(GateForm.Whole.class);
    private static final ReportingDeserializer.Reader<GateForm.Whole> GATES = option(GateForm.Whole.class);
    /** Types whose value is one of these words, or else a list of ids. */
    static final Map<Class<?>, List<String>> WORDS_OR_IDS = Map.of(NodeSelection.class, SELECTIONS, GateForm.class, GATE_FORMS);

    private Values() {}

    /** Reads a number, nested arrays of numbers or an array object. */
    static Tensor tensor(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_ARRAY -> NestedArrays.read(parser);
            case START_OBJECT -> ArrayObjects.read(parser);
            case null, default -> Tensor.scalar(Numbers.lenient(parser));
        };
    }

    static String text(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw BadValueException.wrongType(parser, "a string");
        }
        return parser.getString();
    }

    static boolean flag(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case null, default -> throw BadValueException.wrongType(parser, "true or false");
        };
    }

    /** Reads an operand of a node: an id or a number. */
    static Object operand(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : Numbers.strict(parser, "an id or a number");
    }

    /** Reads an attribute: a number, boolean or text, or a list of these. */
    static Object attribute(JsonParser parser) {
        return attribute(parser, 0);
    }

    private static Object attribute(JsonParser parser, int depth) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case START_ARRAY -> {
                if (depth == DEEPEST_LIST) {
                    throw BadValueException.invalid(parser, "the list is nested too deeply",
                            "at most " + DEEPEST_LIST + " lists in one another", "more");
                }
                List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(attribute(parser, depth + 1));
                }
                yield items;
            }
            case null, default -> Numbers.strict(parser, "a number, a boolean, a string or a list of these");
        };
    }

    /** Reads which nodes an answer lists: a keyword, or ids, of which an empty list means none. */
    static NodeSelection nodeSelection(JsonParser parser) {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<String> ids = texts(parser);
            return ids.isEmpty() ? new NodeSelection.None() : new NodeSelection.Ids(ids);
        }
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw BadValueException.wrongType(parser, "one of " + SELECTIONS + " or a list of ids");
        }
        String keyword = parser.getString();
        return switch (keyword) {
            case "all" -> new NodeSelection.All();
            case "named" -> new NodeSelection.Named();
            case "none" -> new NodeSelection.None();
            default -> throw BadValueException.notOneOf(parser, keyword, SELECTIONS);
        };
    }

    /** Reads the form of gates: a keyword, or a list of ids of the gates that are opened. */
    static GateForm gateForm(JsonParser parser) {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            return new GateForm.Opened(texts(parser));
        }
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw BadValueException.wrongType(parser, "one of " + GATE_FORMS + " or a list of ids");
        }
        return GATES.read(parser);
    }

    /** Reads the column of an input, or the columns of its elements. */
    static ColumnNames columnNames(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> ColumnNames.of(parser.getString());
            case START_ARRAY -> ColumnNames.of(texts(parser));
            case null, default -> throw BadValueException.wrongType(parser, "the name of a column or a list of names");
        };
    }

    private static List<String> texts(JsonParser parser) {
        List<String> texts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            texts.add(text(parser));
        }
        return texts;
    }

    /** A reader of the constants of an enum, in lower case. */
    static <E extends Enum<E>> ReportingDeserializer.Reader<E> option(Class<E> type) {
        List<E> constants = List.of(type.getEnumConstants());
        List<String> names = names(type);
        return parser -> {
            String text = text(parser);
            int index = names.indexOf(text);
            if (index < 0) {
                throw BadValueException.notOneOf(parser, text, names);
            }
            return constants.get(index);
        };
    }

    private static <E extends Enum<E>> List<String> names(Class<E> type) {
        return Stream.of(type.getEnumConstants()).map(constant -> constant.name().toLowerCase(Locale.ROOT)).toList();
    }
}
