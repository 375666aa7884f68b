package io.chainrule.core.training;

import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import java.util.List;
import java.util.Map;

/**
 * How parameters follow their gradients. Options are called as in PyTorch, and have its defaults; the updates are those
 * that its documentation gives.
 */
public sealed interface Optimizer permits Sgd, RmsProp, Adam, Adagrad {
    List<String> TYPES = List.of("sgd", "rmsprop", "adam", "adamw", "adagrad");

    /** PyTorch's {@code lr}, before any schedule. */
    double learningRate();

    /** The updates of a parameter of {@code length} elements, with their state. */
    Update update(int length);

    /** How many numbers the state has for each element at most. */
    int stateSize();

    /** One parameter's updates. */
    interface Update {
        /**
         * Changes the parameter in place.
         *
         * @param scale what the gradient is multiplied by before anything else
         * @param step how many updates this makes, from 1
         */
        void apply(double[] parameter, double[] gradient, double scale, double learningRate, long step);
    }

    /** {@link ProblemException} with pointers below {@code /optimizer} where there is no such optimizer or it has no such options. */
    static Optimizer of(String type, Map<String, ?> options) {
        return switch (type) {
            case "sgd" -> Sgd.of(options);
            case "rmsprop" -> RmsProp.of(options);
            case "adam" -> Adam.of(options, false);
            case "adamw" -> Adam.of(options, true);
            case "adagrad" -> Adagrad.of(options);
            default -> throw unknown("optimizer", type, options, TYPES);
        };
    }

    /** For a type of which there is none, which without options may be all that stands in the field. */
    static ProblemException unknown(String field, String type, Map<String, ?> options, List<String> known) {
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "there is no " + field + " '" + type + "'")
                .pointer(options.isEmpty() ? JsonPointer.of(field) : JsonPointer.of(field, "type")).expected("one of " + known, type)
                .hint(Nearest.hint(type, known).orElse(null)));
    }
}
