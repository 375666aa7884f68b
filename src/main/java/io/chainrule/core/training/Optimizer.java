package io.chainrule.core.training;

import io.chainrule.core.op.Catalogue;
import io.chainrule.core.op.Definition;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A rule by which parameters are updated from their gradients. Options have the names and defaults of PyTorch; updates are those of its
 * documentation.
 */
public sealed interface Optimizer permits Sgd, RmsProp, Adam, Adagrad {
    Catalogue<Definition<Optimizer>> CATALOGUE = new Catalogue<>("optimizer",
            List.of(Sgd.DEFINITION, RmsProp.DEFINITION, Adam.ADAM, Adam.ADAMW, Adagrad.DEFINITION));

    /** PyTorch's {@code lr}, before any schedule. */
    double learningRate();

    /** Creates the updates of a parameter of {@code length} elements, with their own state. */
    Update update(int length);

    /**
     * The largest learning rate at which steps stay bounded on a parabola of this curvature, a positive number; empty where none is known.
     */
    OptionalDouble stableRate(double curvature);

    /** The largest number of values that the state holds for each element of a parameter. */
    int stateSize();

    /** The updates of one parameter. */
    interface Update {
        /** What it keeps from one update to the next. The arrays may be overwritten by those of an earlier run. */
        default List<double[]> state() {
            return List.of();
        }

        /**
         * Changes the parameter in place.
         *
         * @param scale what the gradient is multiplied by before anything else
         * @param step the number of this update, from 1
         */
        void apply(double[] parameter, double[] gradient, double scale, double learningRate, long step);

        /** An update that keeps these arrays. */
        static Update keeping(List<double[]> state, Update update) {
            return new Update() {
                @Override
                public List<double[]> state() {
                    return state;
                }

                @Override
                public void apply(double[] parameter, double[] gradient, double scale, double learningRate, long step) {
                    update.apply(parameter, gradient, scale, learningRate, step);
                }
            };
        }
    }

    /** Throws {@link io.chainrule.core.graph.ProblemException} if there is no such optimizer, or if it does not accept the options. */
    static Optimizer of(String type, Map<String, ?> options) {
        return Parts.make(CATALOGUE, type, options);
    }
}
