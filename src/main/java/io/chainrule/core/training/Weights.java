package io.chainrule.core.training;

import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The current parameters and running statistics, and those before the latest step. */
final class Weights {
    /** The weight of the batch's statistics in an update of the running statistics. */
    private static final double MOMENTUM = 0.1;

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> statistics;
    private final Map<String, Tensor> before;
    private final Map<String, Tensor> statisticsBefore;
    private final List<Follower> followers = new ArrayList<>();

    private record Follower(String name, double[] parameter, Optimizer.Update update) {}

    /** Starts from copies of these values. Only parameters of which {@code plan} has a gradient are ever changed. */
    Weights(Map<String, Tensor> parameters, Map<String, Tensor> statistics, StepRun plan, Optimizer optimizer) {
        this.parameters = copies(parameters);
        this.statistics = copies(statistics);
        before = copies(parameters);
        statisticsBefore = copies(statistics);
        this.parameters.forEach((name, value) -> {
            if (plan.hasGradient(name)) {
                followers.add(new Follower(name, value.data(), optimizer.update(value.length())));
            }
        });
    }

    Map<String, Tensor> parameters() {
        return parameters;
    }

    /** The parameters before the latest step. */
    Map<String, Tensor> before() {
        return before;
    }

    Map<String, Tensor> statistics() {
        return statistics;
    }

    /** The Euclidean norm of all gradients together. */
    double gradientNorm(StepRun plan) {
        double squares = 0;
        double largest = 0;
        for (Follower follower : followers) {
            double[] gradient = plan.gradient(follower.name).data();
            for (double value : gradient) {
                squares += value * value;
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return Double.isFinite(squares) || !Double.isFinite(largest) ? Math.sqrt(squares) : largest * scaledNorm(plan, largest);
    }

    /** The norm of gradients whose squares overflow, in units of the largest entry. */
    private double scaledNorm(StepRun plan, double unit) {
        double squares = 0;
        for (Follower follower : followers) {
            for (double value : plan.gradient(follower.name).data()) {
                squares += value / unit * (value / unit);
            }
        }
        return Math.sqrt(squares);
    }

    /**
     * Updates the parameters by their gradients, which are multiplied by {@code scale}, and moves the running statistics towards those
     * of the batch.
     */
    void update(StepRun plan, double scale, double learningRate, long step) {
        copy(parameters, before);
        copy(statistics, statisticsBefore);
        for (Follower follower : followers) {
            follower.update.apply(follower.parameter, plan.gradient(follower.name).data(), scale, learningRate, step);
        }
        statistics.forEach((name, running) -> follow(running.data(), plan.batchStatistic(name).data()));
    }

    private static void follow(double[] running, double[] batch) {
        for (int i = 0; i < running.length; i++) {
            running[i] = (1 - MOMENTUM) * running[i] + MOMENTUM * batch[i];
        }
    }

    /** Returns the name of the first trained parameter that is not finite, or an empty string if all are finite. */
    String firstNonFinite() {
        return followers.stream().map(Follower::name).filter(name -> !Objects.requireNonNull(parameters.get(name)).isFinite()).findFirst()
                .orElse("");
    }

    /** Restores the values before the latest step. */
    void undo() {
        copy(before, parameters);
        copy(statisticsBefore, statistics);
    }

    private static void copy(Map<String, Tensor> from, Map<String, Tensor> to) {
        from.forEach((name, value) -> System.arraycopy(value.data(), 0, Objects.requireNonNull(to.get(name)).data(), 0, value.length()));
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> values) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        values.forEach((name, value) -> copies.put(name, Tensor.of(value.shape(), value.data().clone())));
        return copies;
    }

    void pass(TrainingState state) {
        for (Map<String, Tensor> values : List.of(parameters, statistics, before, statisticsBefore)) {
            state.tensors(values);
        }
        followers.forEach(follower -> follower.update.state().forEach(state::numbers));
    }
}
