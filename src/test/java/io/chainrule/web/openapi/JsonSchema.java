package io.chainrule.web.openapi;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** As much of JSON Schema as the document uses; a keyword that is not known here is an error, so that none is passed over. */
final class JsonSchema {
    private static final List<String> KNOWN = List.of("$ref", "type", "format", "description", "example", "enum", "properties", "required",
            "items", "additionalProperties", "anyOf", "oneOf", "default");

    private final JsonNode document;

    JsonSchema(JsonNode document) {
        this.document = document;
    }

    JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
    }

    List<String> errors(JsonNode schema, JsonNode value) {
        List<String> errors = new ArrayList<>();
        check(schema, value, "", errors);
        return errors;
    }

    private void check(JsonNode given, JsonNode value, String place, List<String> errors) {
        JsonNode schema = resolve(given);
        schema.propertyNames().stream().filter(keyword -> !KNOWN.contains(keyword))
                .forEach(keyword -> errors.add(place + ": keyword " + keyword));
        if (schema.has("type") && types(schema.path("type")).noneMatch(type -> fits(type, value))) {
            errors.add(place + ": not " + schema.path("type"));
        }
        if (schema.has("enum") && StreamSupport.stream(schema.path("enum").spliterator(), false).noneMatch(value::equals)) {
            errors.add(place + ": none of " + schema.path("enum"));
        }
        if (schema.has("anyOf") && fitting(schema.path("anyOf"), value) == 0) {
            errors.add(place + ": fits none of anyOf");
        }
        if (schema.has("oneOf") && fitting(schema.path("oneOf"), value) != 1) {
            errors.add(place + ": fits " + fitting(schema.path("oneOf"), value) + " of oneOf");
        }
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asString())) {
                errors.add(place + ": no " + required.asString());
            }
        }
        if (value.isObject()) {
            value.forEachEntry((name, member) -> checkMember(schema, name, member, place + "/" + name, errors));
        }
        if (value.isArray() && schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(schema.path("items"), value.get(i), place + "/" + i, errors);
            }
        }
    }

    private long fitting(JsonNode schemas, JsonNode value) {
        return StreamSupport.stream(schemas.spliterator(), false).filter(schema -> errors(schema, value).isEmpty()).count();
    }

    private void checkMember(JsonNode schema, String name, JsonNode member, String place, List<String> errors) {
        JsonNode others = schema.path("additionalProperties");
        if (schema.path("properties").has(name)) {
            check(schema.path("properties").path(name), member, place, errors);
        } else if (others.isObject()) {
            check(others, member, place, errors);
        } else if (others.isBoolean() && !others.asBoolean() || schema.has("properties") && others.isMissingNode()) {
            errors.add(place + ": not described");
        }
    }

    private static Stream<String> types(JsonNode type) {
        return type.isArray() ? StreamSupport.stream(type.spliterator(), false).map(JsonNode::asString) : Stream.of(type.asString());
    }

    private static boolean fits(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "null" -> value.isNull();
            case "number" -> value.isNumber();
            default -> false;
        };
    }
}
