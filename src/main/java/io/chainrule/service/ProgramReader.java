package io.chainrule.service;

import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.expression.NodeListAssembler;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Program;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.tensor.Shape;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** From what a client sent to a program with shapes, within the limits. */
@Component
final class ProgramReader {
    private final Limits limits;

    ProgramReader(Limits limits) {
        this.limits = limits;
    }

    Program read(Source source, Map<String, Shape> inputs) {
        Program program = ShapeInference.infer(parse(source, inputs.keySet()), inputs);
        Runs.checkSizes(program.graph(), limits);
        return program;
    }

    private Program parse(Source source, Set<String> inputs) {
        try {
            return switch (source) {
                case Source.Text(String expression) -> ExpressionParser.parse(expression, inputs,
                        new ExpressionParser.Limits(limits.nodes(), limits.nesting()));
                case Source.Nodes(var nodes, var output) -> NodeListAssembler.assemble(nodes, output, inputs, limits.nodes());
            };
        } catch (LimitException e) {
            throw Limits.exceeded(e.limit(), e.asked(), e.allowed());
        }
    }
}
