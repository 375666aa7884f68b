package io.chainrule.web.json;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.util.OptionalDouble;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/** Single numbers as clients write them. */
final class Numbers {
    static final String NUMBER = "a number, \"NaN\", \"Infinity\" or \"-Infinity\"";

    private Numbers() {}

    /** Reads a number, {@code true} as 1, {@code false} as 0, or one of the strings "NaN", "Infinity" and "-Infinity". */
    static double lenient(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> 1;
            case VALUE_FALSE -> 0;
            case VALUE_STRING -> named(parser.getString()).orElseThrow(() -> BadValueException.wrongType(parser, NUMBER));
            case null, default -> strict(parser, NUMBER);
        };
    }

    static OptionalDouble named(String text) {
        return switch (text) {
            case "NaN" -> OptionalDouble.of(Double.NaN);
            case "Infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
            case "-Infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
            default -> OptionalDouble.empty();
        };
    }

    /** Reads a JSON number. A number beyond the range of a double, such as 1e999, is an error rather than infinity. */
    static double strict(JsonParser parser, String expected) {
        if (!parser.currentToken().isNumeric()) {
            throw BadValueException.wrongType(parser, expected);
        }
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) {
            ErrorDetail error = ErrorDetail.of(ProblemType.WRONG_TYPE, "the number is too large for a float64");
            throw BadValueException.at(parser, error.hint("infinity is written as \"Infinity\""));
        }
        // Jackson reads -0 as a whole number, and these have no negative zero.
        return value == 0 && parser.getStringCharacters()[parser.getStringOffset()] == '-' ? -0.0 : value;
    }

    /** Reads a length or index: a whole number from 0 to 2³¹ − 1. */
    static int length(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw BadValueException.wrongType(parser, "a whole number");
        }
        double value = parser.getDoubleValue();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw BadValueException.invalid(parser, "a length is from 0 to 2147483647", "0 … 2147483647", parser.getString());
        }
        return (int) value;
    }

    /** Reads a whole number written without a fraction or an exponent, between two bounds that are included. */
    static long whole(JsonParser parser, long low, long high) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw BadValueException.wrongType(parser, "a whole number");
        }
        if (parser.getNumberType() == NumberType.BIG_INTEGER || parser.getLongValue() < low || parser.getLongValue() > high) {
            throw BadValueException.wrongType(parser, "a whole number from " + low + " to " + high);
        }
        return parser.getLongValue();
    }
}
