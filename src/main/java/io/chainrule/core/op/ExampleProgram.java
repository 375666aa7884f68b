package io.chainrule.core.op;

import io.chainrule.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An op's example: a given expression with its inputs or, without one, a call on scalars of the domain. */
final class ExampleProgram {
    private final String name;
    private final List<String> operands;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private String expression = "";
    private double[] domain = {-2, 2};

    ExampleProgram(String name, List<String> operands) {
        this.name = name;
        this.operands = operands;
    }

    void expression(String given) {
        expression = given;
    }

    void input(String id, Tensor value) {
        inputs.put(id, value);
    }

    void domain(double low, double high) {
        domain = new double[]{low, high};
    }

    String expression() {
        return expression.isEmpty() ? name + "(" + String.join(", ", operands) + ")" : expression;
    }

    Map<String, Tensor> inputs() {
        if (!expression.isEmpty()) {
            return Collections.unmodifiableMap(inputs);
        }
        Map<String, Tensor> scalars = new LinkedHashMap<>();
        for (int i = 0; i < operands.size(); i++) {
            double share = 0.6 + 0.15 * i;
            scalars.put(operands.get(i), Tensor.scalar(Math.rint(100 * (domain[0] + share * (domain[1] - domain[0]))) / 100));
        }
        return scalars;
    }

    double[] domain() {
        return domain.clone();
    }
}
