package io.chainrule.core.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The call that the catalogue shows of an op is read, and means the op with its defaults. */
class CallTextTest {

    static Stream<String> names() {
        return OpCatalogue.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void isReadAsItStands(String name) {
        OpDefinition op = Objects.requireNonNull(OpCatalogue.find(name));
        Map<String, String> required = required(op);
        String text = op.callForm().text(op.name(), op.operands(), op.attributes());
        String call = text.replaceAll("\\[(, [^]]*)](?=[,)])", "$1").replaceAll("\\[(\\w+),] ", "$1, ").replace(", …", "");
        boolean isNamed = call.contains("*");
        for (Attribute attribute : op.attributes()) {
            if (attribute.required()) {
                String value = Objects.requireNonNull(required.get(attribute.name()));
                call = call.replaceAll("(?<=[( ])" + attribute.name() + "(=…)?(?=[,)])",
                        (isNamed || call.contains(attribute.name() + "=…") ? attribute.name() + "=" : "") + value.replace("\\", ""));
            }
        }
        call = call.replace(", *", "").replace("(*, ", "(");
        String operands = String.join(", ", op.operands());
        String byName = op.name() + "(" + Stream.concat(operands.isEmpty() ? Stream.of() : Stream.of(operands),
                required.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue())).collect(Collectors.joining(", ")) + ")";
        assertThat(meaning(call)).as(text).isEqualTo(meaning(byName));
    }

    /** The values that the op's example gives to the attributes that it must have. */
    private static Map<String, String> required(OpDefinition op) {
        Map<String, String> values = new HashMap<>();
        Graph graph = parse(op.example()).graph();
        for (int node = 0; node < graph.size(); node++) {
            Op used = graph.op(node);
            if (used.name().equals(op.name())) {
                op.attributes().stream().filter(Attribute::required)
                        .forEach(attribute -> values.put(attribute.name(),
                                written(Objects.requireNonNull(used.attributes().get(attribute.name())))));
                return values;
            }
        }
        return values;
    }

    private static String written(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(CallTextTest::written).collect(Collectors.joining(", ", "[", "]"))
                : value instanceof String text ? "'" + text + "'" : value.toString();
    }

    private static String meaning(String call) {
        NamedGraph program = parse(call);
        Op op = program.graph().op(program.output());
        return op.name() + op.attributes() + program.graph().operandCount(program.output());
    }

    private static NamedGraph parse(String text) {
        return ExpressionParser.parse(text, Set.of(), new ExpressionParser.Limits(1_000, 100));
    }
}
